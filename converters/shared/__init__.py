"""What several families of formats use."""
