"""Learn how names are written in Latin letters, from open pairs of names."""
