"""What a shop has to learn from: pictures of products, held apart into teaching and judging."""
