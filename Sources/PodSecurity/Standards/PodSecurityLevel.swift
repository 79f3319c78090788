/// A level of the Pod Security Standards, from the loosest to the strictest.
package enum PodSecurityLevel: String, Sendable, Comparable, CaseIterable {
    case privileged
    case baseline
    case restricted

    package static func < (first: PodSecurityLevel, second: PodSecurityLevel) -> Bool { first.order < second.order }

    private var order: Int {
        switch self {
        case .privileged: 0
        case .baseline: 1
        case .restricted: 2
        }
    }
}
