"""All content as one file: out of one site, into another. Must not hold anything but its parts."""
