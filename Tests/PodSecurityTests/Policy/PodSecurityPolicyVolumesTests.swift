import Testing

@testable import PodSecurity

@Suite struct PodSecurityPolicyVolumesTests {
    /// Each source of a pod and the kind that a policy calls it.
    static let kinds = PodSecurityPolicy.volumeKinds.map { ($0 == "cephFS" ? "cephfs" : $0, $0) }

    @Test(arguments: kinds)
    func eachKindIsAllowedByItsNameOrByAll(source: String, kind: String) throws {
        let spec = #""volumes": [{"name": "v", "\#(source)": {}}]"#
        try PolicyCase(name: kind, policy: #""volumes": ["\#(kind)"]"#, spec: spec).check()
        try PolicyCase(name: kind, policy: #""volumes": ["*"]"#, spec: spec).check()
        try PolicyCase(
            name: kind, spec: spec,
            errors: [#"spec.volumes[0]: Invalid value: "\#(kind)": \#(kind) volumes are not allowed to be used"#]
        ).check()
    }

    static func hostPath(_ path: String) -> String {
        #""volumes": [{"name": "v", "hostPath": {"path": "\#(path)"}}]"#
    }

    static func paths(_ list: String) -> String { #""volumes": ["hostPath"], "allowedHostPaths": [\#(list)]"# }

    static let notAllowed = #"is not allowed to be used"#
    static let foo = paths(#"{"pathPrefix": "/foo/"}"#)
    static let readOnlyFoo = paths(#"{"pathPrefix": "/foo", "readOnly": true}"#)

    static let cases = [
        PolicyCase(
            name: "a volume without source", spec: #""volumes": [{"name": "v"}]"#,
            errors: [#"spec.volumes[0]: Invalid value: "emptyDir": emptyDir volumes are not allowed to be used"#]),
        PolicyCase(
            name: "an unknown source", policy: #""volumes": ["*"]"#, spec: #""volumes": [{"name": "v", "image": {}}]"#,
            errors: [#"spec.volumes[0]: Invalid value: "": unknown volume type for volume: image"#]),
        PolicyCase(name: "any path", policy: #""volumes": ["hostPath"]"#, spec: hostPath("/")),
        PolicyCase(name: "the path itself", policy: foo, spec: hostPath("/foo")),
        PolicyCase(name: "the path with a slash", policy: foo, spec: hostPath("/foo/")),
        PolicyCase(name: "below the path", policy: foo, spec: hostPath("/foo/bar")),
        PolicyCase(name: "all paths", policy: paths(#"{"pathPrefix": "/"}"#), spec: hostPath("/etc")),
        PolicyCase(
            name: "beside the path", policy: foo, spec: hostPath("/foobar"),
            errors: [#"spec.volumes[0].hostPath.pathPrefix: Invalid value: "/foobar": \#(notAllowed)"#]),
        PolicyCase(
            name: "above the path", policy: foo, spec: hostPath("/"),
            errors: [#"spec.volumes[0].hostPath.pathPrefix: Invalid value: "/": \#(notAllowed)"#]),
        PolicyCase(
            name: "mounted writable", policy: readOnlyFoo,
            spec: """
                \(hostPath("/foo/bar")),
                "initContainers": [{"name": "i", "volumeMounts": [{"name": "v", "readOnly": true}, {"name": "v"}]}],
                "ephemeralContainers": [{"name": "e", "volumeMounts": [{"name": "v"}]}]
                """, container: #""volumeMounts": [{"name": "w"}, {"name": "v", "readOnly": false}]"#,
            errors: [
                "spec.initContainers[0].volumeMounts[1].readOnly: Invalid value: false: must be read-only",
                "spec.containers[0].volumeMounts[1].readOnly: Invalid value: false: must be read-only",
                "spec.ephemeralContainers[0].volumeMounts[0].readOnly: Invalid value: false: must be read-only",
            ]),
        PolicyCase(
            name: "a writable rule beside a read-only one",
            policy: paths(#"{"pathPrefix": "/foo", "readOnly": true}, {"pathPrefix": "/foo/bar"}"#),
            spec: hostPath("/foo/bar"), container: #""volumeMounts": [{"name": "v"}]"#),
        PolicyCase(
            name: "flex driver", policy: #""volumes": ["*"], "allowedFlexVolumes": [{"driver": "a/b"}]"#,
            spec: #""volumes": [{"flexVolume": {"driver": "a/b"}}, {"flexVolume": {"driver": "a/c"}}]"#,
            errors: [#"spec.volumes[1].driver: Invalid value: "a/c": Flexvolume driver is not allowed to be used"#]),
        PolicyCase(
            name: "any flex driver", policy: #""volumes": ["flexVolume"], "allowedFlexVolumes": []"#,
            spec: #""volumes": [{"flexVolume": {"driver": "a/c"}}]"#),
        PolicyCase(
            name: "CSI driver", policy: #""volumes": ["csi"], "allowedCSIDrivers": [{"name": "efs"}]"#,
            spec: #""volumes": [{"csi": {"driver": "efs"}}, {"csi": {"driver": "ebs"}}]"#,
            errors: [#"spec.volumes[1].csi.driver: Invalid value: "ebs": Inline CSI driver is not allowed to be used"#]),
        PolicyCase(
            name: "any CSI driver", policy: #""volumes": ["csi"]"#, spec: #""volumes": [{"csi": {"driver": "ebs"}}]"#),
    ]

    @Test(arguments: cases)
    func errors(row: PolicyCase) throws { try row.check() }
}
