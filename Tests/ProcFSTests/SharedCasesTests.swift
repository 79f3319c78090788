import NodeModel
import TestSupport
import Testing

@testable import ProcFS

/// A process of a case and whose it is.
private struct CgroupAnswer: Decodable {
    var input: String
    var containerID: String?
    var podUID: String?
    var outerContainerIDs: [String]?
    var kind: String?
    var suspicious: Bool?

    /// Compares with what the reader finds.
    func expect(_ placement: CgroupPlacement) {
        guard let containerID else {
            #expect(placement.owner == .host, "\(input)")
            return
        }
        guard case .container(let place) = placement.owner else {
            Issue.record("\(input) is \(placement.owner)")
            return
        }
        #expect(place.containerID == containerID, "\(input)")
        #expect(place.podUID == podUID, "\(input)")
        #expect(place.outerContainerIDs == outerContainerIDs ?? [], "\(input)")
        #expect(place.isMinority == (suspicious ?? false), "\(input)")
        #expect((kind == "container-by-minority") == place.isMinority, "\(input)")
    }
}

@Suite(.enabled(if: SharedCase.isAvailable, "the cases from bug reports are not here"))
struct SharedCasesTests {
    @Test(arguments: ["01-kind-nested-cgroup", "02-v1-controllers-disagree", "04-containerd-colon-slice"])
    func cgroups(name: String) throws {
        let shared = SharedCase(name)
        for answer in try shared.answers(as: CgroupAnswer.self) {
            answer.expect(CgroupPlacement(try CgroupFile.parse(shared.bytes(answer.input)), reader: .host))
        }
    }

    @Test func readerInAnUnknownCgroupNamespace() throws {
        let shared = SharedCase("03-cgroupns-relative")
        for answer in try shared.answers(as: CgroupAnswer.self) {
            let placement = CgroupPlacement(try CgroupFile.parse(shared.bytes(answer.input)), reader: .unknown)
            switch answer.input {
            case "cgroup-711.txt":
                guard case .container(let place) = placement.owner else {
                    Issue.record("\(answer.input) is \(placement.owner)")
                    continue
                }
                #expect(place.containerID == answer.containerID)
                #expect(place.podUID == nil)
            case "cgroup-713.txt", "cgroup-714.txt": #expect(placement.owner == .unknown, "\(answer.input)")
            default: answer.expect(placement)
            }
        }
    }

    @Test func commsInStat() throws {
        struct Answer: Decodable {
            var input: String
            var pid: Int32
            var comm: String
            var state: String?
            var ppid: Int32?
            var startTicks: UInt64?
        }
        let shared = SharedCase("06-stat-comm")
        for answer in try shared.answers(as: Answer.self) where answer.input.hasPrefix("stat-") {
            let stat = try parsing(shared.bytes(answer.input), TaskStat.parse)
            #expect(stat.pid == answer.pid, "\(answer.input)")
            #expect(stat.comm == answer.comm, "\(answer.input)")
            #expect(String(stat.state) == answer.state, "\(answer.input)")
            #expect(stat.parent == answer.ppid, "\(answer.input)")
            #expect(stat.startTime == answer.startTicks, "\(answer.input)")
        }
    }

    /// The file of this case holds no credentials: it is cut off, and that is said.
    @Test func statusWithoutCredentials() throws {
        let bytes = try SharedCase("06-stat-comm").bytes("status-612.txt")
        #expect(throws: ProcFSError.malformed(file: "status", line: 6)) { try parsing(bytes, TaskStatus.parse) }
    }

    @Test func mountFields() throws {
        struct Answer: Decodable {
            var input: String
            var mountID: UInt32
            var root: String
            var mountPoint: String
            var optional: [String]
            var fsType: String
            var source: String
        }
        let shared = SharedCase("07-mountinfo-fields")
        let mounts = try MountInfo.parse(shared.bytes("mountinfo.txt"))
        let answers = try shared.answers(as: Answer.self)
        #expect(mounts.map(\.id) == answers.map(\.mountID))
        for (mount, answer) in zip(mounts, answers) {
            #expect(mount.root == answer.root, "\(answer.input)")
            #expect(mount.mountPoint == answer.mountPoint, "\(answer.input)")
            #expect(mount.propagation == answer.optional, "\(answer.input)")
            #expect(mount.fileSystemType == answer.fsType, "\(answer.input)")
            #expect(mount.source == answer.source, "\(answer.input)")
        }
    }

    @Test func rootInAUserNamespace() throws {
        struct Answer: Decodable {
            var input: String
            var hostUID: UInt32?
            var containerUID: UInt32?
            var rootOnHost: Bool?
            var fullCapsInOwnUserNamespace: Bool?
            var userNamespaceShared: Bool?
            var hostNamespacesShared: [String]?
            var idmappedMounts: [String]?
            var fsType: [String: String]?
        }
        let shared = SharedCase("08-userns-privileged")
        let namespaces = try shared.decode("ns.json", as: [String: [String: UInt32]].self)
        for answer in try shared.answers(as: Answer.self) {
            switch answer.input {
            case "status.txt":
                let credentials = try parsing(shared.bytes("status.txt"), TaskStatus.parse).credentials
                let map = try parsing(shared.bytes("uid_map.txt"), IDMapFile.parse)
                #expect(credentials.effectiveUID == answer.hostUID)
                #expect((credentials.effectiveUID == 0) == answer.rootOnHost)
                let mapping = try #require(map.first)
                #expect(map.count == 1)
                #expect(mapping.inside == answer.containerUID)
                #expect(mapping.outside == answer.hostUID)
                #expect((credentials.effective.count == 41) == answer.fullCapsInOwnUserNamespace)
                #expect(credentials.effective == CapabilitySet(rawValue: 0x1FF_FFFF_FFFF))
                #expect(credentials.seccomp == 0)
                #expect(credentials.noNewPrivileges == false)
            case "ns.json":
                let host = try #require(namespaces["host"])
                let task = try #require(namespaces["9044"])
                let sets = [host, task].map { numbers in
                    NamespaceSet(
                        Dictionary(
                            uniqueKeysWithValues: numbers.compactMap { name, inode in
                                NamespaceKind(rawValue: name).map { ($0, inode) }
                            }))
                }
                let common = NamespaceKind.allCases.filter { sets[0][$0] != nil && sets[0][$0] == sets[1][$0] }
                #expect(common.map(\.rawValue) == answer.hostNamespacesShared)
                #expect(common.contains(.user) == answer.userNamespaceShared)
                #expect(NamespaceKind.allCases.count { sets[1][$0] != nil } == 7)
            case "mountinfo.txt":
                let mounts = try MountInfo.parse(shared.bytes("mountinfo.txt"))
                #expect(mounts.filter { $0.options.contains("idmapped") }.map(\.mountPoint) == answer.idmappedMounts)
                for (mountPoint, type) in answer.fsType ?? [:] {
                    #expect(mounts.first { $0.mountPoint == mountPoint }?.fileSystemType == type)
                }
            default: break
            }
        }
    }
}
