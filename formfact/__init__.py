"""Facts by search, form by fine-tuning."""
