"""The rules of 2Sigma: values in, values out; the standard library and msgspec only."""
