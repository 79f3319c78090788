import FoundationEssentials
import Glibc
package import LinuxSystem
import NodeModel

/// What docker says of its containers beside containerd's records: the labels by which dockershim (Kubernetes up to 1.23)
/// and cri-dockerd tell whose they are.
///
/// Every container that docker runs is a task of docker's in containerd, which has the specification (moby,
/// libcontainerd/remote/client.go). Of others no label counts: where there is no docker, a pod may be able to make its
/// directory.
package struct DockerLabels: Sendable {
    /// Where docker keeps a directory for each container, relative to the node's root.
    package static let directory = "var/lib/docker/containers"
    /// docker's namespace in containerd (moby, daemon/config/config_linux.go).
    private static let namespace = "moby"

    private let root: String
    private let slices: Slices?

    /// - Parameter slices: the thread rests between two records where a slice has been long enough.
    package init(root: String = "/", slices: Slices? = nil) {
        self.root = root
        self.slices = slices
    }

    /// Completes the containers of docker's among containerd's; what one is whose labels cannot be read is not known.
    package func fill(_ reading: inout RuntimeReading, until deadline: Deadline) {
        let positions = reading.containers.indices.filter {
            reading.containers[$0].runtimeNamespace == Self.namespace
        }
        guard !positions.isEmpty else { return }
        do throws(SystemError) {
            let directory = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY).openDirectory(
                below: Self.directory)
            for position in positions {
                slices?.endIfLong()
                fill(position, of: &reading, from: directory, until: deadline)
            }
        } catch  where error.isGone {
            return
        } catch {
            for position in positions { reading.addUnlabelled(position, error.reason) }
        }
    }

    private func fill(
        _ position: Int, of reading: inout RuntimeReading, from directory: borrowing Descriptor,
        until deadline: Deadline
    ) {
        if deadline.isPast { return reading.addUnlabelled(position, "not reached in time") }
        let id = reading.containers[position].id
        do throws(RuntimeRecordError) {
            let config = try Self.config(of: id, in: directory)
            guard config.id == id else { throw .malformed("config.v2.json: ID is another's") }
            reading.containers[position].apply(config)
        } catch  where error.isGone {
            // Somebody else may make containers in docker's namespace.
        } catch {
            reading.addUnlabelled(position, error.reason)
        }
    }

    private static func config(
        of id: String, in directory: borrowing Descriptor
    ) throws(RuntimeRecordError) -> DockerConfig {
        let record: Descriptor
        do { record = try directory.openEntry(id, LinuxFlags.path | O_DIRECTORY) } catch { throw .file(.system(error)) }
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.read("config.v2.json", in: record, limit: ContainerdTasks.fileLimit)
        } catch {
            throw .file(error)
        }
        do {
            return try JSONDecoder().decode(DockerConfig.self, from: Data(bytes))
        } catch {
            throw .malformed("config.v2.json: \(RuntimeRecordError.reason(error))")
        }
    }
}

extension RuntimeReading {
    fileprivate mutating func addUnlabelled(_ position: Int, _ reason: String) {
        containers[position].kind = .unknown
        addUnreadable(containers[position].id, "docker record: \(reason)")
    }
}

extension Container {
    /// Takes over the labels of a container that a kubelet has made by docker (kubernetes pkg/kubelet/dockershim).
    fileprivate mutating func apply(_ record: DockerConfig) {
        let labels = record.config?.labels ?? [:]
        func label(_ name: String) -> String? { labels["io.kubernetes.\(name)"] }
        runtime = .docker
        image = record.config?.image
        switch label("docker.type") {
        case "podsandbox": (kind, sandboxID) = (.sandbox, id)
        case "container": (kind, sandboxID, name) = (.container, label("sandbox.id"), label("container.name"))
        default: return
        }
        pod = PodIdentity(namespace: label("pod.namespace"), name: label("pod.name"), uid: label("pod.uid"))
    }
}

/// The parts of docker's `config.v2.json` that a node needs (moby daemon/container/container.go).
private struct DockerConfig: Decodable {
    var id: String
    var config: Config?

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case config = "Config"
    }

    struct Config: Decodable {
        var image: String?
        var labels: [String: String]?

        enum CodingKeys: String, CodingKey {
            case image = "Image"
            case labels = "Labels"
        }
    }
}
