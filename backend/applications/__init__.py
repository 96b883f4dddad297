"""Applications 申请: from the first answer on a phone to the decision and what follows from it."""
