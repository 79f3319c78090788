/// What a container asks for (`v1.ResourceRequirements`): the names alone, quantities do not matter here.
package struct ResourceRequirements: Sendable, Equatable, Codable {
    package var limits: [String: Quantity]?
    package var claims: [Claim]?

    package init() {}

    /// A claim of the pod's that this container uses (`v1.ResourceClaim`, dynamic resource allocation).
    package struct Claim: Sendable, Equatable, Codable {
        package var name: String?

        package init() {}
    }

    /// A quantity of any form, which is not kept.
    package struct Quantity: Sendable, Equatable, Codable {
        package init() {}
        package init(from decoder: any Decoder) {}

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode("0")
        }
    }

    /// Something of a device plugin or a resource driver is asked for: it may add devices and mounts that the pod does
    /// not name.
    package var hasExtendedResource: Bool {
        claims?.isEmpty == false
            || (limits ?? [:]).keys.contains {
                $0.utf8.contains(UInt8(ascii: "/")) && !$0.hasPrefix("kubernetes.io/")
            }
    }
}
