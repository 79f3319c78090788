import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite struct DockerContainersTests {
    static let records = "var/lib/docker/containers"
    static let sandbox = String(repeating: "b2", count: 32)
    static let container = String(repeating: "a1", count: 32)

    private func read(_ directory: TemporaryDirectory) -> RuntimeReading {
        DockerContainers(root: directory.path).read(until: Deadline(secondsFromNow: 60))
    }

    private func write(
        _ id: String, pid: Int = 4100, running: Bool = true, config: String = "", hostConfig: String,
        in directory: TemporaryDirectory
    ) throws {
        try directory.file(
            "\(Self.records)/\(id)/config.v2.json",
            #"{"ID": "\#(id)", "State": {"Running": \#(running), "Pid": \#(pid)}\#(config)}"#)
        try directory.file("\(Self.records)/\(id)/hostconfig.json", hostConfig)
    }

    /// The bundle of one container with these settings.
    private func bundle(_ hostConfig: String, config: String = "") throws -> Bundle {
        try TemporaryDirectory.with { directory in
            try write(Self.container, config: config, hostConfig: hostConfig, in: directory)
            let reading = read(directory)
            #expect(reading.gaps == [])
            return try #require(reading.containers.first?.bundle)
        }
    }

    @Test func containersOfAPod() throws {
        func labels(_ type: String, _ more: String = "") -> String {
            #", "Config": {"Image": "i", "Labels": {"io.kubernetes.docker.type": "\#(type)", "#
                + #""io.kubernetes.pod.namespace": "shop", "io.kubernetes.pod.name": "web-0", "#
                + #""io.kubernetes.pod.uid": "u"\#(more)}}"#
        }
        try TemporaryDirectory.with { directory in
            try write(
                Self.container,
                config: labels(
                    "container",
                    #", "io.kubernetes.container.name": "web", "io.kubernetes.sandbox.id": "\#(Self.sandbox)""#),
                hostConfig: #"{"IpcMode": "container:\#(Self.sandbox)", "NetworkMode": "container:gone"}"#,
                in: directory)
            try write(Self.sandbox, pid: 4000, config: labels("podsandbox"), hostConfig: "{}", in: directory)
            try write("by-hand", pid: 5000, hostConfig: "{}", in: directory)
            try write("stopped", pid: 0, running: false, hostConfig: "{}", in: directory)
            let containers = read(directory).containers
            let pod = PodIdentity(namespace: "shop", name: "web-0", uid: "u")
            #expect(containers.map(\.id) == [Self.container, Self.sandbox, "by-hand"])
            #expect(containers.map(\.kind) == [.container, .sandbox, .plain])
            #expect(containers.map(\.name) == ["web", nil, nil])
            #expect(containers.map(\.sandboxID) == [Self.sandbox, Self.sandbox, nil])
            #expect(containers.map(\.pod) == [pod, pod, nil])
            #expect(containers.map(\.initPID) == [4100, 4000, 5000])
            #expect(containers.allSatisfy { $0.runtime == .docker })
            let bundle = try #require(containers[0].bundle)
            #expect(bundle.namespace(.ipc) == BundleNamespace(kind: .ipc, path: "/proc/4000/ns/ipc"))
            #expect(bundle.namespace(.network) == BundleNamespace(kind: .network, path: "container:gone"))
        }
    }

    @Test func asksForNothing() throws {
        let bundle = try bundle(#"{"MaskedPaths": ["/proc/kcore"], "CgroupnsMode": "private"}"#)
        #expect(bundle.namespaces.map(\.kind) == [.mount, .pid, .ipc, .network, .uts, .cgroup])
        #expect(bundle.namespaces.allSatisfy { $0.path == nil })
        #expect(bundle.capabilities == .runtimeDefault)
        #expect(bundle.hasSeccomp && !bundle.allowsAllDevices && !bundle.isPrivileged && !bundle.noNewPrivileges)
        #expect(bundle.maskedPaths == ["/proc/kcore"])
    }

    @Test func privileged() throws {
        let bundle = try bundle(#"{"Privileged": true}"#)
        #expect(bundle.isPrivileged)
        #expect(bundle.capabilities == CapabilitySet(rawValue: 0x1FF_FFFF_FFFF))
        #expect(bundle.allowsAllDevices && !bundle.hasSeccomp)
    }

    static let modes: [(setting: String, kind: NamespaceKind)] = [
        ("PidMode", .pid), ("IpcMode", .ipc), ("NetworkMode", .network), ("UTSMode", .uts),
    ]

    @Test(arguments: modes)
    func hostModes(setting: String, kind: NamespaceKind) throws {
        #expect(try bundle(#"{"\#(setting)": "host"}"#).namespace(kind) == nil)
        for mode in ["", "private", "shareable", "bridge", "hostx"] {
            #expect(
                try bundle(#"{"\#(setting)": "\#(mode)"}"#).namespace(kind) == BundleNamespace(kind: kind), "\(mode)")
        }
        let own = try bundle(#"{"\#(setting)": "container:\#(Self.container)"}"#).namespace(kind)
        #expect(own?.path == "/proc/4100/ns/\(kind.rawValue)")
    }

    static let capabilities: [(hostConfig: String, set: CapabilitySet)] = [
        (#"{"CapAdd": ["SYS_ADMIN", "CAP_BPF", "net_raw"]}"#, .runtimeDefault.union(.named(["SYS_ADMIN", "BPF"]).set)),
        (#"{"CapDrop": ["ALL"]}"#, []),
        (#"{"CapDrop": ["all"], "CapAdd": ["KILL"]}"#, .named(["KILL"]).set),
        (#"{"CapAdd": ["ALL"]}"#, CapabilitySet(rawValue: 0x1FF_FFFF_FFFF)),
        (#"{"CapAdd": ["ALL"], "CapDrop": ["SYS_ADMIN"]}"#, CapabilitySet(rawValue: 0x1FF_FFDF_FFFF)),
        (#"{"CapAdd": ["NO_SUCH"], "CapDrop": null}"#, .runtimeDefault),
    ]

    @Test(arguments: capabilities)
    func capabilitySet(hostConfig: String, set: CapabilitySet) throws {
        #expect(try bundle(hostConfig).capabilities == set)
    }

    static let securityOptions: [(options: String, hasSeccomp: Bool, noNewPrivileges: Bool)] = [
        ("[]", true, false), (#"["seccomp=unconfined"]"#, false, false), (#"["seccomp:unconfined"]"#, false, false),
        (#"["no-new-privileges"]"#, true, true), (#"["no-new-privileges=true", "label=disable"]"#, true, true),
    ]

    @Test(arguments: securityOptions)
    func security(options: String, hasSeccomp: Bool, noNewPrivileges: Bool) throws {
        let bundle = try bundle(#"{"SecurityOpt": \#(options)}"#)
        #expect(bundle.hasSeccomp == hasSeccomp)
        #expect(bundle.noNewPrivileges == noNewPrivileges)
    }

    @Test(
        arguments: [
            (#", "ProcessLabel": "u:r:container_t:s0:c1,c2""#, "u:r:container_t:s0:c1,c2"),
            (#", "ProcessLabel": """#, nil),
            ("", nil),
        ] as [(String, String?)])
    func label(config: String, label: String?) throws {
        #expect(try bundle("{}", config: config).selinuxLabel == label)
    }

    @Test func mountsAndDevices() throws {
        let bundle = try bundle(
            #"{"Devices": [{"PathOnHost": "/dev/fuse"}, {}], "ReadonlyRootfs": true}"#,
            config: #", "AppArmorProfile": "", "Config": {"User": "1000:0"}, "MountPoints": {"#
                + #""/host": {"Source": "/", "Destination": "/host", "RW": false, "Propagation": "rslave"}, "#
                + #""/data": {"Source": "/srv", "RW": true, "Propagation": ""}}"#)
        #expect(
            bundle.mounts == [
                BundleMount(destination: "/data", type: "bind", source: "/srv", options: ["rbind", "rw"]),
                BundleMount(destination: "/host", type: "bind", source: "/", options: ["rbind", "ro", "rslave"]),
            ])
        #expect(bundle.devices == [BundleDevice(path: "/dev/fuse")])
        #expect(bundle.hasReadonlyRoot && bundle.uid == 1000 && bundle.appArmorProfile == nil)
    }

    static let users: [(user: String, uid: UInt32?)] = [
        (#""User": """#, 0), (#""User": "0""#, 0), (#""User": "1000""#, 1000), (#""User": "1000:nginx""#, 1000),
        (#""User": ":5""#, 0), (#""User": "nginx""#, nil), (#""User": "nginx:0""#, nil), (#""User": "-1""#, nil),
        (#""User": "4294967296""#, nil), (#""User": null"#, 0), (#""Image": "x""#, 0),
    ]

    /// A name is not the number of anybody.
    @Test(arguments: users)
    func user(user: String, uid: UInt32?) throws {
        #expect(try bundle("{}", config: ", \"Config\": {\(user)}").uid == uid)
    }

    static let badRecords:
        [(name: String, make: @Sendable (TemporaryDirectory, String) throws -> Void, reason: String)] = [
            ("FIFO", { try $0.fifo("\($1)/config.v2.json") }, "not a regular file but fifo"),
            ("link", { try $0.link("\($1)/config.v2.json", to: "/etc/passwd") }, "not a regular file but link"),
            ("100 MB", { try $0.sparseFile("\($1)/config.v2.json", size: 100 << 20) }, "longer than the limit"),
            ("empty", { try $0.file("\($1)/config.v2.json") }, "config.v2.json: not JSON"),
            ("no id", { try $0.file("\($1)/config.v2.json", "{}") }, "config.v2.json: ID is missing"),
            (
                "wrong type", { try $0.file("\($1)/config.v2.json", #"{"ID": "x", "State": {"Pid": "1"}}"#) },
                "config.v2.json: wrong type at State.Pid"
            ),
            (
                "second file",
                {
                    try $0.file("\($1)/config.v2.json", #"{"ID": "x"}"#)
                    try $0.file("\($1)/hostconfig.json", #"{"CapAdd": "ALL"}"#)
                }, "hostconfig.json: wrong type at CapAdd"
            ),
            ("no directory", { try $0.file($1) }, "Not a directory"),
        ]

    @Test(arguments: badRecords)
    func badRecord(
        name: String, make: @Sendable (TemporaryDirectory, String) throws -> Void, reason: String
    ) throws {
        try TemporaryDirectory.with { directory in
            try make(directory, "\(Self.records)/bad")
            try write(Self.container, hostConfig: "{}", in: directory)
            let reading = read(directory)
            #expect(reading.containers.map(\.id) == [Self.container])
            #expect(reading.gaps == [Gap(kind: .bundle, reason: "docker record: \(reason)", examples: ["bad"])])
            #expect(reading.unreadable == ["bad"])
        }
    }

    @Test func nothingThere() throws {
        try TemporaryDirectory.with { #expect(read($0) == RuntimeReading()) }
    }

    @Test func timeIsUp() throws {
        try TemporaryDirectory.with { directory in
            try write(Self.container, hostConfig: "{}", in: directory)
            let reading = DockerContainers(root: directory.path).read(until: Deadline(secondsFromNow: 0))
            #expect(reading.containers == [])
            #expect(
                reading.gaps == [
                    Gap(kind: .timeLimit, reason: "container records not reached", examples: ["/\(Self.records)"])
                ])
        }
    }
}
