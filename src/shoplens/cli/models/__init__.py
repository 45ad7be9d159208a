"""``shoplens models``: what there is beside the encoders that come with Shoplens."""
