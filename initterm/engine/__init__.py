"""What TensorFlow measures: kernels drawn, networks trained, signals followed, models audited."""
