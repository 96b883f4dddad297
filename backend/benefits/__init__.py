"""Benefits 奖励扶助: who receives one, the yearly confirmation 年审, the payments."""
