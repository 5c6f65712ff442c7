"""What measures the wings: a figure for how well search finds what people judged to be the answer."""
