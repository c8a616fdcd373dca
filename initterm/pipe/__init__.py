"""From a face to an engine process, which alone loads TensorFlow: client, protocol, server."""
