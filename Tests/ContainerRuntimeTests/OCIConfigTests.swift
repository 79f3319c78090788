import NodeModel
import Testing

@testable import ContainerRuntime

@Suite struct OCIConfigTests {
    private func bundle(_ text: String) throws -> Bundle { Bundle(try OCIConfig.decode(Array(text.utf8))) }

    static let config = """
        {"ociVersion": "1.1.0", "hostname": "x", "annotations": {"a": "b"},
         "process": {"user": {"uid": 1000, "gid": 0}, "cwd": "/app", "noNewPrivileges": true, "apparmorProfile": "cri", "selinuxLabel": "u:r:t:s0",
                     "capabilities": {"bounding": ["CAP_CHOWN"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL", "CAP_NEW"],
                                      "inheritable": ["CAP_SYS_ADMIN"]}},
         "root": {"path": "rootfs", "readonly": true},
         "mounts": [{"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]},
                    {"destination": "/host", "source": "/", "options": ["rbind", "ro"]}],
         "linux": {
           "namespaces": [{"type": "pid"}, {"type": "network", "path": "/var/run/netns/x"}, {"type": "mount"},
                          {"type": "cgroup"}, {"type": "time"}, {"type": "user"}, {"type": "newer"}],
           "uidMappings": [{"containerID": 0, "hostID": 65536, "size": 65536}],
           "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"], "cgroupsPath": "a:b:c",
           "seccomp": {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["x"], "action": "SCMP_ACT_ALLOW"}]},
           "devices": [{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229}, {"path": "/dev/x", "major": -1}],
           "resources": {"devices": [{"allow": false, "access": "rwm"}]}}}
        """

    @Test func everyField() throws {
        #expect(
            try bundle(Self.config)
                == Bundle(
                    namespaces: [
                        BundleNamespace(kind: .pid), BundleNamespace(kind: .network, path: "/var/run/netns/x"),
                        BundleNamespace(kind: .mount), BundleNamespace(kind: .cgroup), BundleNamespace(kind: .time),
                        BundleNamespace(kind: .user),
                    ],
                    capabilities: CapabilitySet.named(["CHOWN", "KILL"]).set, noNewPrivileges: true, hasSeccomp: true,
                    appArmorProfile: "cri", maskedPaths: ["/proc/kcore"], readonlyPaths: ["/proc/sys"],
                    devices: [
                        BundleDevice(path: "/dev/fuse", type: "c", number: DeviceNumber(major: 10, minor: 229)),
                        BundleDevice(path: "/dev/x"),
                    ],
                    mounts: [
                        BundleMount(destination: "/proc", type: "proc", source: "proc", options: ["nosuid"]),
                        BundleMount(destination: "/host", source: "/", options: ["rbind", "ro"]),
                    ],
                    cgroupsPath: "a:b:c", hasReadonlyRoot: true, uid: 1000,
                    uidMappings: [IDMapping(inside: 0, outside: 65_536, count: 65_536)], selinuxLabel: "u:r:t:s0",
                    workingDirectory: "/app"))
    }

    @Test(arguments: [
        "{}", #"{"process": null, "linux": null, "mounts": null}"#, #"{"linux": {}}"#,
        #"{"process": {"selinuxLabel": ""}}"#,
    ])
    func nothingSet(text: String) throws { #expect(try bundle(text) == Bundle()) }

    static let deviceRules: [(rules: String, allowsAll: Bool)] = [
        ("[]", false),
        (#"[{"allow": true, "access": "rwm"}]"#, true),
        (#"[{"allow": true, "type": "a", "access": "mrw"}]"#, true),
        (#"[{"allow": true, "type": "a", "major": -1, "minor": -1}]"#, true),
        (#"[{"allow": true, "type": "c", "access": "rwm"}]"#, false),
        (#"[{"allow": true, "major": 1, "access": "rwm"}]"#, false),
        (#"[{"allow": true, "access": "m"}]"#, false),
        (#"[{"allow": false, "access": "rwm"}]"#, false),
    ]

    @Test(arguments: deviceRules)
    func devices(rules: String, allowsAll: Bool) throws {
        #expect(try bundle(#"{"linux": {"resources": {"devices": \#(rules)}}}"#).allowsAllDevices == allowsAll)
    }

    @Test(
        arguments: [
            (#"{"defaultAction": "SCMP_ACT_ERRNO"}"#, true, nil), ("null", false, nil), ("{}", true, nil),
            (#"{"defaultAction": "SCMP_ACT_ALLOW"}"#, false, .allowsAll),
            (#"{"defaultAction": "SCMP_ACT_LOG", "syscalls": null}"#, false, .allowsAll),
            (#"{"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"action": "SCMP_ACT_ALLOW"}]}"#, false, .allowsAll),
            (
                #"{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]}"#,
                false,
                .denyList
            ),
            (#"{"defaultAction": "SCMP_ACT_LOG", "syscalls": [{"names": ["bpf"]}]}"#, false, .denyList),
        ] as [(String, Bool, OpenSeccomp?)])
    func seccomp(filter: String, confines: Bool, open: OpenSeccomp?) throws {
        let bundle = try bundle(#"{"linux": {"seccomp": \#(filter)}}"#)
        #expect(bundle.hasSeccomp == confines && bundle.openSeccomp == open)
    }

    @Test(
        arguments: [
            ("{}", nil), (#"{"prestart": [], "startContainer": [{"path": "/own"}]}"#, nil),
            (#"{"poststop": [{"path": "/late"}], "poststart": [{"path": "/soon"}]}"#, ["/soon", "/late"]),
            (#"{"prestart": [{"path": "/a", "args": ["x"]}], "createContainer": [{"path": "/b"}]}"#, ["/a", "/b"]),
        ] as [(String, [String]?)])
    func hooks(text: String, programs: [String]?) throws {
        #expect(try bundle(#"{"hooks": \#(text)}"#).hooks == programs)
    }

    static let malformed: [(text: String, reason: String)] = [
        ("", "not JSON"), ("{", "not JSON"), ("{]", "not JSON"), ("\u{0}", "not JSON"),
        ("[]", "wrong type"), ("1", "wrong type"),
        (#"{"linux": []}"#, "wrong type at linux"),
        (#"{"linux": {"namespaces": {}}}"#, "wrong type at linux.namespaces"),
        (#"{"linux": {"namespaces": [{"type": 1}]}}"#, "wrong type at linux.namespaces.Index 0.type"),
        (#"{"linux": {"namespaces": [{"type": "pid"}, {}]}}"#, "type is missing at linux.namespaces.Index 1"),
        (#"{"mounts": [{"source": "/"}]}"#, "destination is missing at mounts.Index 0"),
        (#"{"process": {"user": {"uid": -1}}}"#, "not JSON"),
        (#"{"process": {"user": {"uid": 4294967296}}}"#, "not JSON"),
        (#"{"annotations": {"a": 1}}"#, "wrong type at annotations.a"),
        (#"{"annotations": {"a": null}}"#, "null at annotations.a"),
        (#"{"linux": {"devices": [{"major": 1}]}}"#, "path is missing at linux.devices.Index 0"),
    ]

    @Test(arguments: malformed)
    func malformedRecord(text: String, reason: String) {
        #expect(throws: RuntimeRecordError.malformed(reason)) { try OCIConfig.decode(Array(text.utf8)) }
    }

    @Test func bytesThatAreNoText() {
        let bytes = Array(#"{"annotations": {"a": ""#.utf8) + [0xFF, 0xFE] + Array(#""}}"#.utf8)
        #expect(throws: RuntimeRecordError.malformed("not JSON")) { try OCIConfig.decode(bytes) }
    }

    /// A record that was cut off anywhere is an error, never a container with fewer bounds.
    @Test func cutOffAnywhere() {
        let bytes = Array(Self.config.utf8)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: RuntimeRecordError.self, "\(count) bytes") {
                try OCIConfig.decode(Array(bytes.prefix(count)))
            }
        }
    }

    /// Brackets in thousands must not end the reader's stack.
    @Test func deepNesting() {
        let text = String(repeating: #"{"linux":["#, count: 100_000)
        #expect(throws: RuntimeRecordError.self) { try OCIConfig.decode(Array(text.utf8)) }
        let unread = #"{"x":"# + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + "}"
        #expect(throws: RuntimeRecordError.self) { try OCIConfig.decode(Array(unread.utf8)) }
    }
}
