"""Four partners write one paper: a practice declared for these stories, on the real road."""
