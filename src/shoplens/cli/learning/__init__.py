"""What a shop learns of itself: evaluate, train, choose a model, tag."""
