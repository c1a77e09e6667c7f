"""What editors work with: differences, restoring, changes of facts, hints, lists of what is due. Nothing here is
read by patients, so its words are English alone."""
