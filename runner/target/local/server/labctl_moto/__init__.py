"""The Python side of labctl's local AWS: moto, corrected, with an identity."""
