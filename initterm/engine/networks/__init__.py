"""The networks that are trained and measured, built of Keras layers."""
