import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import PodLogs

@Suite(.enabled(if: isRoot, "a log tree belongs to root"))
struct PodLogTreeTests {
    static let uid = "f07ab13e-46c9-4847-9708-c19156d80808"
    static let pod = "shop_web-0_\(uid)"
    static let identity = PodIdentity(namespace: "shop", name: "web-0", uid: uid)
    static let tree = "/var/log/pods"

    private func read(
        _ directory: TemporaryDirectory, mountPoints: [String] = [],
        until deadline: Deadline = Deadline(secondsFromNow: 60)
    ) -> PodLogReading {
        PodLogTree(root: directory.path, mountPoints: mountPoints).read(until: deadline)
    }

    /// What one entry of a container's directory is called out for.
    private func oddities(_ make: (TemporaryDirectory, String) throws -> Void) throws -> [PodLogOddity.Kind] {
        try TemporaryDirectory.with { directory in
            try directory.directory("var/log/pods/\(Self.pod)/web")
            try make(directory, "var/log/pods/\(Self.pod)/web/0.log")
            let reading = read(directory)
            #expect(reading.gaps == [])
            for oddity in reading.oddities {
                #expect(oddity.path.hasPrefix("\(Self.tree)/\(Self.pod)/web/"))
                #expect(oddity.pod == Self.identity)
            }
            return reading.oddities.map(\.kind)
        }
    }

    @Test func ordinaryTree() throws {
        try TemporaryDirectory.with { directory in
            for name in ["0.log", "1.log", "1.log.20260304-101500.gz"] {
                try directory.file("var/log/pods/\(Self.pod)/web/\(name)")
            }
            try directory.directory("var/log/pods/\(Self.uid)")
            let reading = read(directory)
            #expect(reading.gaps == [])
            #expect(reading.oddities == [])
            #expect(
                reading.directories == [
                    PodLogDirectory(name: Self.uid, pod: PodIdentity(uid: Self.uid)),
                    PodLogDirectory(
                        name: Self.pod, pod: Self.identity,
                        containers: [
                            ContainerLogs(
                                name: "web", live: "1.log", previous: ["0.log"], rotated: ["1.log.20260304-101500.gz"])
                        ]),
                ])
        }
    }

    @Test func absentRoot() {
        let reading = PodLogTree(root: "/absent", mountPoints: []).read(until: Deadline(secondsFromNow: 10))
        let reason = "the node's root cannot be opened: No such file or directory"
        #expect(reading.gaps == [Gap(kind: .podLogs, reason: reason, examples: ["/absent"])])
    }

    @Test func absentTree() throws {
        try TemporaryDirectory.with { #expect(read($0) == PodLogReading()) }
    }

    @Test func linkOut() throws {
        let kinds = try oddities { directory, log in try directory.link(log, to: "/etc/shadow") }
        #expect(kinds == [.link(target: "/etc/shadow")])
    }

    @Test func linkToDockersLog() throws {
        let id = String(repeating: "a1", count: 32)
        let target = "/var/lib/docker/containers/\(id)/\(id)-json.log"
        #expect(try oddities { directory, log in try directory.link(log, to: target) } == [])
    }

    /// A link that stays in the tree may name a second one, below where the walk looks.
    @Test func linkToALinkThatIsNotSeen() throws {
        let deeper = "var/log/pods/\(Self.pod)/web/deeper/0.log"
        let kinds = try oddities { directory, log in
            try directory.link(deeper, to: "/etc/shadow")
            try directory.link(log, to: "/" + deeper)
        }
        #expect(kinds == [.link(target: "/" + deeper), .directoryForFile])
    }

    private static let log = "\(tree)/\(pod)/web/0.log"
    private static let dockerID = String(repeating: "a1", count: 32)

    /// What is in the directory of links that collectors follow, and whether it is told.
    static let collectorsLinks: [(target: String, isTold: Bool)] = [
        (log, false), ("../pods/\(pod)/web/0.log", false),
        ("/var/lib/docker/containers/\(dockerID)/\(dockerID)-json.log", false),
        ("/etc/shadow", true), ("../../../etc/shadow", true), ("/var/log/pods", true), ("/var/log/secure", true),
        ("/var/log/podsx/a/b/0.log", true), ("/var/log/pods/../secure", true), ("other.log", true),
        ("\(log)/deeper", true),
    ]

    @Test(arguments: collectorsLinks)
    func linkForCollectors(target: String, isTold: Bool) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("var/log/pods/\(Self.pod)/web/0.log")
            let link = "/var/log/containers/web-0_shop_web-\(Self.dockerID).log"
            try directory.link(String(link.dropFirst()), to: target)
            try directory.file("var/log/containers/plain")
            try directory.fifo("var/log/containers/fifo")
            let reading = read(directory)
            let told = PodLogOddity(path: link, kind: .link(target: target))
            #expect(reading.oddities == (isTold ? [told] : []) && reading.gaps == [])
            #expect(read(directory, mountPoints: ["\(directory.path)\(link)"]).oddities == [])
        }
    }

    /// Where the kubelet keeps its logs elsewhere and the usual tree was left in place, each is a log tree, once.
    @Test(arguments: [false, true]) func movedTree(isLinked: Bool) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("data/pods/\(Self.pod)/web/0.log")
            try directory.link("data/pods/\(Self.pod)/web/1.log", to: "/etc/shadow")
            if isLinked {
                try directory.link("var/log/pods", to: "/data/pods")
            } else {
                try directory.file("var/log/pods/a_b_\(Self.uid)/old/0.log")
                try directory.link("var/log/pods/a_b_\(Self.uid)/old/1.log", to: "/data/pods/\(Self.pod)/web/0.log")
            }
            for (name, target) in [
                ("new", "/data/pods/\(Self.pod)/web/0.log"), ("old", "\(Self.tree)/a_b_\(Self.uid)/old/0.log"),
                ("out", "/data/other/\(Self.pod)/web/0.log"),
            ] { try directory.link("var/log/containers/\(name)", to: target) }
            let reading = PodLogTree(root: directory.path, paths: [Self.tree, "/data/pods"], mountPoints: [])
                .read(until: Deadline(secondsFromNow: 60))
            #expect(reading.gaps == [])
            #expect(reading.directories.map(\.name) == (isLinked ? [] : ["a_b_\(Self.uid)"]) + [Self.pod])
            let place = isLinked ? Self.tree : "/data/pods"
            #expect(
                reading.oddities == [
                    PodLogOddity(
                        path: "\(place)/\(Self.pod)/web/1.log", pod: Self.identity,
                        kind: .link(target: "/etc/shadow")),
                    PodLogOddity(
                        path: "/var/log/containers/out", kind: .link(target: "/data/other/\(Self.pod)/web/0.log")),
                ])
        }
    }

    /// More than there is room for are a gap, and where the kubelet has its logs elsewhere its links lead there.
    @Test func linksForCollectorsOutOfBounds() throws {
        try TemporaryDirectory.with { directory in
            for number in 0...PodLogTree.podOddityLimit {
                try directory.link("var/log/containers/\(number)", to: "/etc/shadow")
            }
            #expect(read(directory) == PodLogReading())
            try directory.directory("var/log/pods")
            let reading = read(directory)
            #expect(reading.oddities.count == PodLogTree.podOddityLimit)
            #expect(reading.gaps.map(\.count) == [1])
        }
    }

    @Test func hardLink() throws {
        let kinds = try oddities { directory, log in
            try directory.file("secret", "x")
            try directory.hardLink(log, to: "secret")
        }
        #expect(kinds == [.hardLink(count: 2)])
    }

    @Test func fifo() throws {
        #expect(try oddities { directory, log in try directory.fifo(log) } == [.notRegular(type: "fifo")])
    }

    @Test func socket() throws {
        #expect(try oddities { directory, log in try directory.socket(log) } == [.notRegular(type: "socket")])
    }

    @Test func deviceNode() throws {
        #expect(try oddities { directory, log in try directory.nullDevice(log) } == [.notRegular(type: "character")])
    }

    @Test func foreignOwner() throws {
        let kinds = try oddities { directory, log in
            try directory.file(log)
            try directory.setOwner(log, 1000)
        }
        #expect(kinds == [.foreignOwner(uid: 1000)])
    }

    @Test func linkOfAnotherInPlaceOfADirectory() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("outside/web/0.log")
            try directory.link("var/log/pods/\(Self.pod)", to: "\(directory.path)/outside")
            try directory.link("var/log/pods/\(Self.uid)/web", to: "/etc")
            try directory.setOwner("var/log/pods/\(Self.uid)/web", 7)
            let reading = read(directory)
            #expect(reading.directories == [PodLogDirectory(name: Self.uid, pod: PodIdentity(uid: Self.uid))])
            #expect(
                reading.oddities == [
                    PodLogOddity(
                        path: "\(Self.tree)/\(Self.uid)/web", pod: PodIdentity(uid: Self.uid),
                        kind: .link(target: "/etc")),
                    PodLogOddity(
                        path: "\(Self.tree)/\(Self.uid)/web", pod: PodIdentity(uid: Self.uid),
                        kind: .foreignOwner(uid: 7)),
                    PodLogOddity(
                        path: "\(Self.tree)/\(Self.pod)", pod: Self.identity,
                        kind: .link(target: "\(directory.path)/outside")),
                ])
        }
    }

    static let oddNames = [
        "x", "my_team_job-1_\(uid)", "a\nb", "\u{1B}[2J", "-rf", "~", "🚀", String(repeating: "n", count: 255),
    ]

    @Test func namesThatNoKubeletMakes() throws {
        try TemporaryDirectory.with { directory in
            for name in Self.oddNames { try directory.directory("var/log/pods/\(name)") }
            let reading = read(directory)
            let expected = Self.oddNames.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            #expect(reading.directories == expected.map { PodLogDirectory(name: $0, pod: nil) })
            #expect(
                reading.oddities
                    == expected.map { PodLogOddity(path: "\(Self.tree)/\($0)", kind: .unrecognisedDirectory) })
        }
    }

    @Test func namesThatAreNoText() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("var/log/pods/\(Self.pod)/web/0.log")
            try directory.file(named: [0x31, 0xFF], in: "var/log/pods")
            try directory.file(named: [0xC3, 0x28], in: "var/log/pods/\(Self.pod)/web")
            let reading = read(directory)
            #expect(reading.directories.map(\.containers) == [[ContainerLogs(name: "web", live: "0.log")]])
            #expect(
                reading.gaps == [
                    Gap(
                        kind: .podLogs, reason: "name is no UTF-8", count: 2,
                        examples: ["\(Self.tree)/1\\xff", "\(Self.tree)/\(Self.pod)/web/\\xc3("])
                ])
        }
    }

    /// Mount points are never looked at, whether of a pod, a container or a log.
    @Test func mountPointsAreNotEntered() throws {
        try TemporaryDirectory.with { directory in
            let entries = ["a_dead_\(Self.uid)", "\(Self.pod)/mounted", "\(Self.pod)/web/0.log"]
            for entry in entries.prefix(2) { try directory.file("var/log/pods/\(entry)/inside") }
            try directory.link("var/log/pods/\(entries[2])", to: "/etc/shadow")
            let points = entries.map { "\(directory.path)\(Self.tree)/\($0)" }
            let reading = read(directory, mountPoints: points + ["/", "/var/log/pods", Self.tree + "/x"])
            #expect(reading.gaps == [])
            #expect(reading.directories.map(\.name) == [Self.pod])
            #expect(reading.directories.first?.containers == [ContainerLogs(name: "web")])
            #expect(reading.oddities.map(\.kind) == [.mountPoint, .mountPoint, .mountPoint])
            #expect(Set(reading.oddities.map(\.path)) == Set(entries.map { "\(Self.tree)/\($0)" }))
        }
    }

    static let links = [
        ("var/log/pods", "/disk/log/pods"), ("var/log/pods", "../../disk/log/pods"), ("var/log", "/disk/log"),
        ("var", "disk/../disk/var"),
    ]

    /// As on nodes that keep their logs on a data disk: root's link is gone after, below the node's root.
    @Test(arguments: links)
    func linkInPlaceOfTheTree(link: String, target: String) throws {
        try TemporaryDirectory.with { directory in
            let place = link == "var" ? "disk/var/log/pods" : "disk/log/pods"
            try directory.file("\(place)/\(Self.pod)/web/0.log")
            try directory.directory("\(place)/a_b_\(Self.uid)")
            try directory.link(link, to: target)
            let reading = read(directory, mountPoints: ["\(directory.path)/\(place)/a_b_\(Self.uid)"])
            #expect(reading.gaps == [])
            #expect(reading.directories.map(\.name) == [Self.pod])
            #expect(reading.oddities.map(\.path) == ["\(Self.tree)/a_b_\(Self.uid)"])
            #expect(reading.oddities.map(\.kind) == [.mountPoint])

            try directory.setOwner(link, 1000)
            let refused = read(directory)
            #expect(refused.directories == [])
            #expect(refused.gaps == [Gap(kind: .podLogs, reason: "Not a directory", examples: [Self.tree])])
        }
    }

    @Test func linkToNothing() throws {
        try TemporaryDirectory.with { directory in
            try directory.link("var/log/pods", to: "/absent")
            let gap = Gap(kind: .podLogs, reason: "Link has been severed", examples: [Self.tree])
            #expect(read(directory).gaps == [gap])
        }
    }

    @Test func manyEntries() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("var/log/pods/\(Self.pod)/web")
            for number in 0..<50_000 {
                try directory.link("var/log/pods/\(Self.pod)/web/\(number).log", to: "/etc/shadow")
            }
            let reading = read(directory, until: Deadline(secondsFromNow: 60))
            #expect(reading.oddities.count == PodLogTree.podOddityLimit)
            #expect(reading.directories.first?.containers.first?.ignored.count == 50_000)
            #expect(reading.gaps.map(\.reason) == ["more than 200 odd entries in one directory"])
            #expect(reading.gaps.map(\.count) == [49_800])
        }
    }

    /// A directory that somebody filled ends there: those after it are still looked at.
    @Test func directoryWithoutEnd() throws {
        try TemporaryDirectory.with { directory in
            let full = "a_full_\(Self.uid)"
            try directory.directory("var/log/pods/\(full)/web")
            for number in 0...PodLogTree.directoryLimit {
                try directory.link("var/log/pods/\(full)/web/\(number)", to: "/var/log/pods/a_b_c/web/0.log")
            }
            try directory.link("var/log/pods/\(full)/web2/0.log", to: "/etc/shadow")
            try directory.link("var/log/pods/\(Self.pod)/web/0.log", to: "/etc/shadow")
            let reading = read(directory)
            #expect(reading.oddities.map(\.kind) == [.link(target: "/etc/shadow"), .link(target: "/etc/shadow")])
            #expect(reading.directories.map(\.name) == [full, Self.pod])
            #expect(
                reading.gaps == [
                    Gap(
                        kind: .podLogs, reason: "more than 100000 entries in a directory",
                        examples: ["\(Self.tree)/\(full)/web"])
                ])
        }
    }

    @Test func fileInPlaceOfADirectory() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("var/log/pods/\(Self.pod)")
            try directory.file("var/log/pods/\(Self.uid)/web")
            try directory.file("var/log/pods/x")
            let reading = read(directory)
            #expect(reading.directories == [PodLogDirectory(name: Self.uid, pod: PodIdentity(uid: Self.uid))])
            #expect(
                reading.oddities == [
                    PodLogOddity(
                        path: "\(Self.tree)/\(Self.uid)/web", pod: PodIdentity(uid: Self.uid), kind: .fileForDirectory),
                    PodLogOddity(path: "\(Self.tree)/\(Self.pod)", pod: Self.identity, kind: .fileForDirectory),
                    PodLogOddity(path: "\(Self.tree)/x", kind: .fileForDirectory),
                ])
        }
    }

    /// What one pod's directory is full of hides nothing in the next, and all of them together have a bound.
    @Test func manyPods() throws {
        try TemporaryDirectory.with { directory in
            let perPod = PodLogTree.podOddityLimit + 1
            for pod in 0...PodLogTree.oddityLimit / PodLogTree.podOddityLimit {
                let name = "a_p\(1000 + pod)_\(Self.uid)"
                for number in 0..<perPod { try directory.link("var/log/pods/\(name)/\(number)", to: "/etc/shadow") }
            }
            let reading = read(directory, until: Deadline(secondsFromNow: 60))
            #expect(reading.oddities.count == PodLogTree.oddityLimit)
            #expect(
                reading.gaps.map(\.reason) == [
                    "more than 200 odd entries in one directory", "more than 10000 odd entries",
                ])
            #expect(reading.gaps.map(\.count) == [49, 202])
        }
    }

    /// Directories that no kubelet makes hide nothing of those after them.
    @Test func manyNamesThatNoKubeletMakes() throws {
        try TemporaryDirectory.with { directory in
            for number in 0...PodLogTree.oddityLimit { try directory.directory("var/log/pods/\(number)") }
            try directory.link("var/log/pods/\(Self.pod)/web/0.log", to: "/etc/shadow")
            let reading = read(directory)
            #expect(reading.oddities.count == PodLogTree.unrecognisedLimit + 1)
            #expect(reading.oddities.last?.kind == .link(target: "/etc/shadow"))
            #expect(reading.gaps.map(\.reason) == ["more than 200 directories that no kubelet makes"])
            #expect(reading.gaps.map(\.count) == [PodLogTree.oddityLimit + 1 - PodLogTree.unrecognisedLimit])
        }
    }

    @Test func linksAndDirectoriesInside() throws {
        try TemporaryDirectory.with { directory in
            let pod = "var/log/pods/\(Self.pod)"
            try directory.file("\(pod)/web/0.log")
            try directory.link("\(pod)/web/1.log", to: "../../\(Self.pod)/web/0.log")
            try directory.link("\(pod)/other", to: "web")
            try directory.directory("\(pod)/web/deeper")
            try directory.link("var/log/pods/x", to: "/var/log/pods/\(Self.pod)")
            let reading = read(directory)
            #expect(
                reading.oddities == [
                    PodLogOddity(path: "\(Self.tree)/\(Self.pod)/other", pod: Self.identity, kind: .fileForDirectory),
                    PodLogOddity(
                        path: "\(Self.tree)/\(Self.pod)/web/deeper", pod: Self.identity, kind: .directoryForFile),
                    PodLogOddity(path: "\(Self.tree)/x", kind: .fileForDirectory),
                ])
        }
    }

    /// A container's directory that goes away once it is open, or cannot be listed, is no end of its pod.
    @Test func directoryThatGoesAway() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("web")
            let gone = try Descriptor.open("\(directory.path)/web", O_RDONLY | O_DIRECTORY)
            let unlisted = try Descriptor.open(directory.path, LinuxFlags.path | O_DIRECTORY)
            #expect(rmdir("\(directory.path)/web") == 0)
            var walk = PodLogTree.Walk(
                deadline: Deadline(secondsFromNow: 60), slices: nil, entriesLeft: 10, mountPoints: [])
            let tree = PodLogTree(root: directory.path, mountPoints: [])
            #expect(tree.readLogs(gone, "/gone", nil, &walk) == [] && walk.reading.gaps == [])
            #expect(tree.readLogs(unlisted, "/unlisted", nil, &walk) == [])
            #expect(
                walk.reading.gaps == [Gap(kind: .podLogs, reason: "Bad file descriptor", examples: ["/unlisted"])])
        }
    }

    @Test func timeIsUp() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("var/log/pods/\(Self.pod)/web")
            let reading = read(directory, until: Deadline(secondsFromNow: 0))
            #expect(reading.directories == [])
            #expect(
                reading.gaps == [
                    Gap(kind: .timeLimit, reason: "log directories not reached", examples: ["\(Self.tree)/\(Self.pod)"])
                ])
        }
    }
}
