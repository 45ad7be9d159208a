"""A better encoder for this shop: trained, judged on products it never saw; ``job`` tells all."""
