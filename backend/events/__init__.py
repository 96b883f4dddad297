"""What every change leaves behind: a status, a history row, an audit row, work to do."""
