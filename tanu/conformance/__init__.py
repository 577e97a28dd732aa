"""The standard doors of the VC-API, for the public suites of the W3C (docs/conformance.md): instances that issue with
throw-away keys and verify with the verifier that people use."""
