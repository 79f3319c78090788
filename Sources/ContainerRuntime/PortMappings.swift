import FoundationEssentials
import Glibc
package import LinuxSystem
import NodeModel

/// The ports of the node that lead into pods, by what the runtime asked its network plugins for.
///
/// libcni keeps the arguments and the configuration of each network that a sandbox was added to, until it is removed
/// (libcni/api.go, cacheAdd; the runtime's go-cni leaves the directory as it is).
package struct PortMappings: Sendable {
    /// Relative to the node's root.
    package static let directory = "var/lib/cni/results"

    /// Two files for each sandbox, and those that a reboot left behind.
    private static let entryLimit = 100_000
    /// A file is some 2 kB; annotations of a large pod make it a few hundred.
    private static let fileLimit = 1 << 20

    private let root: String
    private let slices: Slices?

    /// - Parameter slices: the thread rests between two files where a slice has been long enough.
    package init(root: String = "/", slices: Slices? = nil) {
        self.root = root
        self.slices = slices
    }

    /// Fills in `hostPorts` of every sandbox that a network was set up for; what is not reached in time is a gap.
    package func fill(_ reading: inout RuntimeReading, until deadline: Deadline) {
        var positions: [String: Int] = [:]
        for (position, container) in reading.containers.enumerated() where container.kind == .sandbox {
            positions[container.id] = position
        }
        guard !positions.isEmpty else { return }
        do {
            let directory = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY).openDirectory(
                below: Self.directory)
            var undecided: Set<Int> = []
            for (id, name) in try names(of: positions, in: directory, &reading.gaps) {
                slices?.endIfLong()
                guard let position = positions[id] else { continue }
                if deadline.isPast {
                    undecided.insert(position)
                    reading.gaps.add(.timeLimit, "networks' results not reached", id)
                    continue
                }
                do {
                    let bytes = try BoundedFile.read(name, in: directory, limit: Self.fileLimit)
                    guard let ports = try CachedResult.hostPorts(bytes) else {
                        undecided.insert(position)
                        continue
                    }
                    let known = reading.containers[position].hostPorts ?? []
                    reading.containers[position].hostPorts = Set(known + ports).sorted()
                } catch let failure as BoundedFile.Failure where failure.isGone {
                    continue
                } catch {
                    let reason = (error as? BoundedFile.Failure)?.reason ?? RuntimeRecordError.reason(error)
                    reading.gaps.add(.bundle, "its network's result: \(reason)", id)
                }
            }
            for position in undecided where reading.containers[position].hostPorts?.isEmpty == true {
                reading.containers[position].hostPorts = nil
            }
        } catch  where error.isGone {
            return
        } catch {
            reading.gaps.add(.bundle, error.reason, "/\(Self.directory)")
        }
    }

    /// Files are named `NETWORK-CONTAINER-INTERFACE`.
    private func names(
        of ids: [String: Int], in directory: borrowing Descriptor, _ gaps: inout [Gap]
    ) throws(SystemError) -> [(id: String, name: String)] {
        var names: [(String, String)] = []
        var count = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 32_768, alignment: 8)
        defer { buffer.deallocate() }
        try directory.forEachEntry(buffer) { bytes in
            count += 1
            // Every pod has a loopback of its own, which no port leads to.
            if bytes.starts(with: "cni-loopback-".utf8) { return true }
            let parts = bytes.split(separator: UInt8(ascii: "-"))
            guard parts.count > 2, let name = String(validating: bytes, as: UTF8.self) else { return true }
            let id = String(decoding: parts[parts.count - 2], as: UTF8.self)
            if ids[id] != nil { names.append((id, name)) }
            return count < Self.entryLimit
        }
        if count == Self.entryLimit { gaps.add(.bundle, "more than \(count) entries", "/\(Self.directory)") }
        return names
    }
}

/// What libcni keeps of one network of one sandbox (`cniCacheV1`).
private struct CachedResult: Decodable {
    /// The network's configuration, in base64.
    var config: Data?
    var capabilityArgs: Arguments?

    struct Arguments: Decodable {
        var portMappings: [Mapping]?
    }

    /// One mapping, as containerd's go-cni or as the convention of CNI writes it (CONVENTIONS.md).
    struct Mapping: Decodable {
        var hostPort: UInt16?

        private enum CodingKeys: String, CodingKey {
            case hostPort
            case capitalHostPort = "HostPort"
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            hostPort =
                try members.decodeIfPresent(UInt16.self, forKey: .capitalHostPort)
                ?? members.decodeIfPresent(UInt16.self, forKey: .hostPort)
        }
    }

    /// A list of plugins, or one plugin's own configuration.
    struct Configuration: Decodable {
        var plugins: [Plugin]?
        var capabilities: Plugin.Capabilities?

        struct Plugin: Decodable {
            var capabilities: Capabilities?

            struct Capabilities: Decodable { var portMappings: Bool? }
        }

        /// Mappings reach a plugin only where its configuration says that it takes them.
        var mapsPorts: Bool {
            let all = [capabilities] + (plugins ?? []).map(\.capabilities)
            return all.contains { $0?.portMappings == true }
        }
    }

    /// `nil` where ports were asked for and no plugin of this network takes them: an agent may give them by the API's word
    /// (Cilium does), or nobody does.
    static func hostPorts(_ bytes: [UInt8]) throws -> [UInt16]? {
        // Nearly no pod has any.
        guard String(decoding: bytes, as: UTF8.self).containsBytes(of: "portMappings") else { return [] }
        let result = try JSONDecoder().decode(CachedResult.self, from: Data(bytes))
        let ports = (result.capabilityArgs?.portMappings ?? []).compactMap(\.hostPort).filter { $0 != 0 }
        guard !ports.isEmpty, let config = result.config else { return [] }
        return try JSONDecoder().decode(Configuration.self, from: config).mapsPorts ? ports : nil
    }
}
