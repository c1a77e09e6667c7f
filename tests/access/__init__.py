"""What WCAG 2.2 AA and our budgets ask of every page and state, as far as a machine can decide it."""
