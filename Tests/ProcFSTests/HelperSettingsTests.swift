import Glibc
import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import ProcFS

@Suite struct HelperSettingsTests {
    /// A node whose `/proc` and root directory are one directory.
    private static func read(_ directory: TemporaryDirectory) -> HelperSettings {
        var settings = HelperSettings(proc: directory.path, root: directory.path)
        settings.read()
        return settings
    }

    static let files: [(file: String, text: String, kind: HelperSetting.Kind, path: String, program: String)] = [
        ("sys/kernel/core_pattern", "|/tmp/x %P\n", .corePattern, "/proc/sys/kernel/core_pattern", "/tmp/x"),
        ("sys/kernel/core_pattern", "| \t/tmp/x\t%P", .corePattern, "/proc/sys/kernel/core_pattern", "/tmp/x"),
        (
            "sys/kernel/core_pattern", "|/proc/%P/root/x\n", .corePattern, "/proc/sys/kernel/core_pattern",
            "/proc/%P/root/x"
        ),
        ("sys/kernel/modprobe", "/tmp/a b\n", .modprobe, "/proc/sys/kernel/modprobe", "/tmp/a b"),
        ("sys/kernel/hotplug", "/tmp/x\n", .uevent, "/proc/sys/kernel/hotplug", "/tmp/x"),
        ("sys/kernel/uevent_helper", "/tmp/x\n", .uevent, "/sys/kernel/uevent_helper", "/tmp/x"),
        ("sys/kernel/poweroff_cmd", "/tmp/x -f\n", .poweroff, "/proc/sys/kernel/poweroff_cmd", "/tmp/x"),
        ("sys/module/nfs/parameters/cache_getent", "/x\n", .parameter, "/sys/module/nfs/parameters/cache_getent", "/x"),
        (
            "sys/module/nfsd/parameters/cltrack_prog", "/x\n", .parameter, "/sys/module/nfsd/parameters/cltrack_prog",
            "/x"
        ),
        (
            "sys/module/drbd/parameters/usermode_helper", "/x\n", .parameter,
            "/sys/module/drbd/parameters/usermode_helper", "/x"
        ),
    ]

    @Test(arguments: files)
    func programs(file: String, text: String, kind: HelperSetting.Kind, path: String, program: String) throws {
        try TemporaryDirectory.with { directory in
            try directory.file(file, text)
            let settings = Self.read(directory)
            let value = text.last == "\n" ? String(text.dropLast()) : text
            #expect(settings.found == [HelperSetting(kind: kind, path: path, value: value, program: program)])
            #expect(settings.gaps == [])
        }
    }

    static let others: [(file: String, text: String)] = [
        ("sys/kernel/core_pattern", "core\n"), ("sys/kernel/core_pattern", "/tmp/|x\n"),
        ("sys/kernel/core_pattern", "|\n"), ("sys/kernel/core_pattern", "@/run/cores\n"),
        ("sys/kernel/core_pattern", ""), ("sys/kernel/modprobe", "\n"), ("sys/kernel/uevent_helper", "\n"),
        ("sys/kernel/poweroff_cmd", "  \n"), ("sys/kernel/other", "/tmp/x\n"),
    ]

    @Test(arguments: others)
    func noProgram(file: String, text: String) throws {
        try TemporaryDirectory.with { directory in
            try directory.file(file, text)
            let settings = Self.read(directory)
            #expect(settings.found == [] && settings.gaps == [])
        }
    }

    /// What somebody put in the place of a setting is neither opened nor believed to be nothing.
    @Test func unreadable() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("sys/kernel")
            try directory.fifo("sys/kernel/core_pattern")
            try directory.sparseFile("sys/kernel/modprobe", size: 4097)
            let settings = Self.read(directory)
            #expect(settings.found == [])
            #expect(
                settings.gaps == [
                    Gap(
                        kind: .kernel, reason: "setting: not a regular file but fifo",
                        examples: ["/proc/sys/kernel/core_pattern"]),
                    Gap(
                        kind: .kernel, reason: "setting: longer than the limit",
                        examples: ["/proc/sys/kernel/modprobe"]),
                ])
        }
    }

    static let formats: [(text: String, program: String?, isKeptOpen: Bool)] = [
        ("enabled\ninterpreter /usr/bin/q\nflags: \noffset 0\nmagic 7f454c46\n", "/usr/bin/q", false),
        ("enabled\ninterpreter /usr/bin/q\nflags: POCF\noffset 0\nmagic 7f454c46\n", "/usr/bin/q", true),
        ("enabled\ninterpreter /a\nflags: \nflags: F\nextension .x\n", "/a", true),
        ("enabled\ninterpreter /a b\n", "/a b", false),
        ("disabled\ninterpreter /usr/bin/q\nflags: F\n", nil, false),
        ("enabled\n", nil, false), ("enabled\ninterpreter\n", nil, false), ("", nil, false),
        ("interpreter /x\nenabled\n", nil, false),
    ]

    @Test(arguments: formats)
    func format(text: String, program: String?, isKeptOpen: Bool) {
        let format = HelperSettings.format(Array(text.utf8), path: "/f")
        #expect(format?.program == program && format?.value == program)
        #expect((format?.isKeptOpen ?? false) == isKeptOpen && (format == nil || format?.kind == .interpreter))
    }

    @Test func registeredFormats() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("sys/fs/binfmt_misc/evil", "enabled\ninterpreter /tmp/x\nflags: F\n")
            try directory.file("sys/fs/binfmt_misc/status", "enabled\n")
            try directory.file("sys/fs/binfmt_misc/register", "enabled\ninterpreter /no\n")
            // Not looked at where the kernel knows no such file system.
            try directory.file("filesystems", "nodev\tproc\n")
            #expect(Self.read(directory).found == [])
            try directory.file("filesystems", "nodev\tproc\nnodev\tbinfmt_misc\n")
            let settings = Self.read(directory)
            #expect(settings.found.map(\.path) == ["/proc/sys/fs/binfmt_misc/evil"] && settings.gaps == [])
            try directory.link("sys/fs/binfmt_misc/link", to: "evil")
            #expect(Self.read(directory).gaps.map(\.examples) == [["/proc/sys/fs/binfmt_misc/link"]])
            for number in 0..<HelperSettings.formatCount { try directory.file("sys/fs/binfmt_misc/f\(number)") }
            #expect(Self.read(directory).gaps.contains { $0.reason == "more than 500 binary formats" })
        }
    }

    /// What cannot be opened by its name, or is gone once it was listed, may be a format all the same.
    @Test func formatsThatAreNotRead() throws {
        try TemporaryDirectory.with { directory in
            let place = "/proc/sys/fs/binfmt_misc"
            try directory.file("filesystems", "nodev\tbinfmt_misc\n")
            try directory.file("sys/fs/binfmt_misc/a\nb", "enabled\ninterpreter /tmp/x\n")
            try directory.file(named: [0x66, 0xFF], in: "sys/fs/binfmt_misc")
            var settings = Self.read(directory)
            #expect(settings.found.map(\.program) == ["/tmp/x"])
            let noText = Gap(kind: .kernel, reason: "setting: name is no UTF-8", examples: ["\(place)/f\\xff"])
            #expect(settings.gaps == [noText])
            let formats = try Descriptor.open("\(directory.path)/sys/fs/binfmt_misc", O_RDONLY | O_DIRECTORY)
            settings.readFormat("gone", in: formats, "\(place)/gone")
            let gone = Gap(
                kind: .kernel, reason: "setting: No such file or directory", examples: ["\(place)/gone"])
            #expect(settings.gaps == [noText, gone])
        }
    }

    /// The file system is mounted in the node's own `/proc` alone.
    @Test func formatsOfTheNodesProc() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("filesystems", "nodev\tbinfmt_misc\n")
            try directory.file("sys/fs/binfmt_misc/own", "enabled\ninterpreter /tmp/own\nflags: \n")
            try directory.file("17/root/proc/sys/fs/binfmt_misc/evil", "enabled\ninterpreter /tmp/x\nflags: F\n")
            for (reference, program) in [(17, "/tmp/x"), (18, "/tmp/own"), (nil, "/tmp/own")] as [(Int32?, String)] {
                var settings = HelperSettings(proc: directory.path, root: directory.path, reference: reference)
                settings.read()
                #expect(settings.found.map(\.program) == [program] && settings.gaps == [])
            }
        }
    }

    /// A mount of a hierarchy that is the file system of the directory, or another one.
    private static func mount(
        _ point: String, _ directory: TemporaryDirectory, _ type: String = "cgroup", isSame: Bool = true,
        root: String = "/"
    ) throws -> Mount {
        let device = try #require(FileIdentity(path: directory.path)).device
        return Mount(
            id: 1, parentID: 0, device: isSame ? device : DeviceNumber(major: 0, minor: device.minor + 1), root: root,
            mountPoint: point, fileSystemType: type, source: "cgroup")
    }

    @Test func agents() throws {
        try TemporaryDirectory.with { directory in
            for name in ["a", "b", "d"] { try directory.file("cg/\(name)/release_agent", "/\(name) x\n") }
            try directory.file("cg/e/release_agent", "\n")
            try directory.directory("cg/further")
            let mounts: [(point: String, root: String, type: String, programs: [String])] = [
                ("/cg/a", "/", "cgroup", ["/a x"]), ("/cg/d", "/", "cgroup2", []), ("/cg/e", "/", "cgroup", []),
                // As a reader in a cgroup namespace of its own sees it.
                ("/cg/a", "/../..", "cgroup", ["/a x"]),
                ("/cg/further", "/s", "cgroup", ["/b x"]), ("/cg/further", "/../s", "cgroup", ["/b x"]),
            ]
            for (point, root, type, programs) in mounts {
                var settings = HelperSettings(proc: directory.path, root: directory.path)
                // The same hierarchy once more.
                settings.readAgents([
                    try Self.mount(point, directory, type, root: root), try Self.mount("/cg/b", directory, type),
                ])
                #expect(settings.found.map(\.program) == programs && settings.gaps == [])
                let path = "\(programs == ["/b x"] ? "/cg/b" : point)/release_agent"
                #expect(settings.found.allSatisfy { $0.kind == .releaseAgent && $0.path == path })
            }
        }
    }

    /// What a pod puts in the place of a hierarchy of the node is not followed.
    @Test func coveredHierarchy() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("etc/shadow", "/secret\n")
            try directory.directory("cg/a")
            try directory.link("cg/a/release_agent", to: "../../etc/shadow")
            try directory.file("cg/b/release_agent", "/b\n")
            try directory.link("cg/link", to: "b")
            var settings = HelperSettings(proc: directory.path, root: directory.path)
            settings.readAgents([
                try Self.mount("/cg/a", directory), try Self.mount("/cg/link", directory, isSame: false),
            ])
            #expect(settings.found == [])
            #expect(
                settings.gaps.map(\.examples) == [["/cg/a/release_agent"], ["/cg/link/release_agent"]])
        }
    }

    /// A cgroup further down may be mounted over the hierarchy.
    @Test func hierarchyBelowOneOfItsOwnGroups() throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("cg/further")
            let reason = "setting: No such file or directory"
            let gap = Gap(kind: .kernel, reason: reason, examples: ["/cg/further/release_agent"])
            for isInitial in [true, false] {
                var settings = HelperSettings(
                    proc: directory.path, root: directory.path, isInitialCgroup: isInitial)
                settings.readAgents([try Self.mount("/cg/further", directory)])
                #expect(settings.found == [] && settings.gaps == (isInitial ? [gap] : []))
            }
        }
    }

    /// Nor is it taken for the hierarchy, or for one without an agent.
    @Test func anotherFileSystem() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("7/root/h/release_agent", "/usr/lib/systemd/systemd-cgroups-agent\n")
            for (point, reason) in [("/h", "another file system lies over it"), ("/absent", "no such directory")] {
                var settings = HelperSettings(proc: directory.path, root: "/absent")
                settings.readAgent(try Self.mount(point, directory, isSame: false), of: 7)
                #expect(settings.found == [])
                let example = "\(point)/release_agent of pid 7"
                #expect(settings.gaps == [Gap(kind: .kernel, reason: "setting: \(reason)", examples: [example])])
            }
        }
    }

    /// Nothing on the way to a hierarchy in a container is followed.
    @Test func agentInAContainer() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("7/root/tmp/c/release_agent", "/cmd\n")
            try directory.link("7/root/tmp/link", to: "c")
            var settings = HelperSettings(proc: directory.path, root: "/absent")
            settings.readAgent(try Self.mount("/tmp/c", directory), of: 7)
            #expect(
                settings.found == [
                    HelperSetting(
                        kind: .releaseAgent, path: "/tmp/c/release_agent of pid 7", value: "/cmd", program: "/cmd")
                ])
            settings.readAgent(try Self.mount("/tmp/c", directory), of: 8)
            #expect(settings.found.count == 1 && settings.gaps == [])
            settings.readAgent(try Self.mount("/tmp/link", directory), of: 7)
            #expect(
                settings.found.count == 1 && settings.gaps.map(\.examples) == [["/tmp/link/release_agent of pid 7"]])
        }
    }
}
