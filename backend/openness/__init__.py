"""Openness 阳光政务: what is counted, shown to the offices and, without small cells, to everyone."""
