"""The officers' API: parse, call the desk, render. No decisions live here."""
