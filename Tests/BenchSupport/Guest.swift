import Testing

/// The kernel and the cgroup version of a guest of the bench.
package struct Guest: Sendable, CustomTestStringConvertible {
    /// `6.1` or `5.10`.
    package let kernel: String
    /// `v1` or `v2`.
    package let cgroup: String
    package var testDescription: String { "\(kernel) \(cgroup)" }

    /// Amazon Linux 2023 has 6.1 with v2, Amazon Linux 2 has 5.10 with v1; the third tells a kernel's failing from that
    /// of a cgroup version.
    package static let all = [
        Guest(kernel: "6.1", cgroup: "v2"), Guest(kernel: "6.1", cgroup: "v1"), Guest(kernel: "5.10", cgroup: "v1"),
    ]
}
