import BenchSupport
import Testing

/// A node that the techniques are made on.
enum NodeKind: Sendable, CustomTestStringConvertible {
    /// In namespaces of this machine, with its kernel; `v1` or `v2` is the version of its cgroups.
    case ofMachine(String)
    case guest(Guest)

    static let all = [ofMachine("v1"), ofMachine("v2")] + Guest.all.map(guest)

    var testDescription: String {
        switch self {
        case .ofMachine(let version): "this machine's kernel, \(version)"
        case .guest(let guest): guest.testDescription
        }
    }

    var isGuest: Bool { if case .guest = self { true } else { false } }

    /// `v1` or `v2`.
    var cgroup: String {
        switch self {
        case .ofMachine(let version): version
        case .guest(let guest): guest.cgroup
        }
    }

    func with(_ body: (SystemdNode) throws -> Void) throws {
        switch self {
        case .ofMachine(let version): try SystemdNode.with(version, body)
        case .guest(let guest): try SystemdNode.with(guest, body)
        }
    }
}
