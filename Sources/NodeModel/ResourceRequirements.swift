/// What a container asks for (`v1.ResourceRequirements`): the names alone, quantities do not matter here.
package struct ResourceRequirements: Sendable, Equatable, Codable {
    package var limits: [String: Quantity]?

    package init() {}

    /// A quantity of any form, which is not kept.
    package struct Quantity: Sendable, Equatable, Codable {
        package init() {}
        package init(from decoder: any Decoder) {}

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode("0")
        }
    }

    /// Something of a device plugin is asked for: it may add devices and mounts that the pod does not name.
    package var hasExtendedResource: Bool {
        (limits ?? [:]).keys.contains { $0.utf8.contains(UInt8(ascii: "/")) && !$0.hasPrefix("kubernetes.io/") }
    }
}
