"""Tables, figures and documents: pure functions that turn result rows into text or bytes."""
