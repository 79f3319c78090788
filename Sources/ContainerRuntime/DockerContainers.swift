import FoundationEssentials
import Glibc
package import LinuxSystem
import NodeModel

/// The records that docker keeps of its containers, as dockershim labelled them for the kubelet (Kubernetes up to 1.23).
package struct DockerContainers: Sendable {
    private let root: String
    private let slices: Slices?

    /// - Parameter slices: the thread rests between two records where a slice has been long enough.
    package init(root: String = "/", slices: Slices? = nil) {
        self.root = root
        self.slices = slices
    }

    /// Every running container that docker has a record of, in ascending order of id; nothing where there is no docker.
    package func read(until deadline: Deadline) -> RuntimeReading {
        var reading = RuntimeReading()
        let path = "var/lib/docker/containers"
        do {
            let directory = try Descriptor.open(root, LinuxFlags.path | O_DIRECTORY).openDirectory(below: path)
            let (names, isCut) = try directory.entryNames(limit: ContainerdTasks.containerLimit)
            if isCut { reading.gaps.add(.bundle, "more than \(ContainerdTasks.containerLimit) containers", "/\(path)") }
            var records: [(DockerConfig, DockerHostConfig)] = []
            for id in reading.gaps.texts(names, in: "/\(path)") {
                slices?.endIfLong()
                if deadline.isPast {
                    reading.gaps.add(.timeLimit, "container records not reached", "/\(path)")
                    break
                }
                do {
                    let record = try directory.openEntry(id, LinuxFlags.path | O_DIRECTORY)
                    let config: DockerConfig = try Self.decode("config.v2.json", record)
                    let hostConfig: DockerHostConfig = try Self.decode("hostconfig.json", record)
                    if config.state?.isRunning == true { records.append((config, hostConfig)) }
                } catch let error as RuntimeRecordError {
                    if !error.isGone { reading.addUnreadable(id, "docker record: \(error.reason)") }
                } catch let error as SystemError {
                    if !error.isGone { reading.addUnreadable(id, "docker record: \(error.reason)") }
                }
            }
            let processes = Dictionary(
                records.compactMap { config, _ in config.state?.pid.map { (config.id, $0) } },
                uniquingKeysWith: { first, _ in first })
            reading.containers = records.map { Container($0, $1, processes: processes) }
        } catch let error as SystemError {
            if !error.isGone { reading.gaps.add(.bundle, error.reason, "/\(path)") }
        } catch {
            reading.gaps.add(.bundle, "docker's records cannot be read", "/\(path)")
        }
        return reading
    }

    private static func decode<Record: Decodable>(
        _ name: String, _ directory: borrowing Descriptor
    ) throws(RuntimeRecordError) -> Record {
        let bytes: [UInt8]
        do {
            bytes = try BoundedFile.read(name, in: directory, limit: ContainerdTasks.fileLimit)
        } catch {
            throw .file(error)
        }
        do {
            return try JSONDecoder().decode(Record.self, from: Data(bytes))
        } catch {
            throw .malformed("\(name): \(RuntimeRecordError.reason(error))")
        }
    }
}

/// The parts of docker's `config.v2.json` that a node needs (moby daemon/container/container.go).
struct DockerConfig: Decodable {
    var id: String
    var state: State?
    var config: Config?
    var mountPoints: [String: MountPoint]?
    var appArmorProfile: String?
    var processLabel: String?

    enum CodingKeys: String, CodingKey {
        case id = "ID"
        case state = "State"
        case config = "Config"
        case mountPoints = "MountPoints"
        case appArmorProfile = "AppArmorProfile"
        case processLabel = "ProcessLabel"
    }

    struct State: Decodable {
        var isRunning: Bool?
        var pid: Int32?

        enum CodingKeys: String, CodingKey {
            case isRunning = "Running"
            case pid = "Pid"
        }
    }

    struct Config: Decodable {
        var image: String?
        var user: String?
        var labels: [String: String]?

        enum CodingKeys: String, CodingKey {
            case image = "Image"
            case user = "User"
            case labels = "Labels"
        }
    }

    struct MountPoint: Decodable {
        var source: String?
        var destination: String?
        var isWritable: Bool?
        var propagation: String?

        enum CodingKeys: String, CodingKey {
            case source = "Source"
            case destination = "Destination"
            case isWritable = "RW"
            case propagation = "Propagation"
        }
    }
}

/// The parts of docker's `hostconfig.json` that a node needs (moby api/types/container/hostconfig.go).
struct DockerHostConfig: Decodable {
    var isPrivileged: Bool?
    var pidMode: String?
    var ipcMode: String?
    var networkMode: String?
    var utsMode: String?
    var cgroupNamespaceMode: String?
    var addedCapabilities: [String]?
    var droppedCapabilities: [String]?
    var securityOptions: [String]?
    var maskedPaths: [String]?
    var readonlyPaths: [String]?
    var hasReadonlyRoot: Bool?
    var devices: [Device]?

    enum CodingKeys: String, CodingKey {
        case isPrivileged = "Privileged"
        case pidMode = "PidMode"
        case ipcMode = "IpcMode"
        case networkMode = "NetworkMode"
        case utsMode = "UTSMode"
        case cgroupNamespaceMode = "CgroupnsMode"
        case addedCapabilities = "CapAdd"
        case droppedCapabilities = "CapDrop"
        case securityOptions = "SecurityOpt"
        case maskedPaths = "MaskedPaths"
        case readonlyPaths = "ReadonlyPaths"
        case hasReadonlyRoot = "ReadonlyRootfs"
        case devices = "Devices"
    }

    struct Device: Decodable {
        var path: String?

        enum CodingKeys: String, CodingKey { case path = "PathOnHost" }
    }
}
