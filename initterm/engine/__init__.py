"""What TensorFlow measures, in a process of its own: kernels drawn, networks trained."""
