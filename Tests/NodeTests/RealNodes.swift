import Testing

/// All tests that run nodes with kernels of their own: one after another, as each takes the whole machine.
@Suite(.serialized) enum RealNodes {}
