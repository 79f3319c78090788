import Foundation
import NodeModel
import Testing

@testable import Checks

@Suite struct PodRequestHostPathTests {
    /// A pod with one volume, mounted at `/data`.
    private static func request(
        _ source: String, mount: String = "", resources: String = "{}", targets: [String: String]? = nil
    ) throws -> PodRequest {
        let json = """
            {"metadata": {"name": "web"}, "spec": {"volumes": [{"name": "v"\(source.isEmpty ? "" : ", " + source)}],
             "containers": [{"name": "web", "resources": \(resources),
              "volumeMounts": [{"name": "v", "mountPath": "/data"\(mount)}, {"name": "w", "mountPath": "/"}]}]}}
            """
        let pod = try JSONDecoder().decode(Pod.self, from: Data(json.utf8))
        return PodRequest(pod: pod, container: pod.spec.containers?.first, pathTargets: targets)
    }

    static let plain = #""hostPath": {"path": "/tmp/plain"}"#
    static let rows: [(source: String, mount: String, path: String, point: String, answer: Bool?)] = [
        (plain, "", "/tmp/plain", "/data", true),
        (#""hostPath": {"path": "/var/run/x/"}"#, "", "/run/x", "/data", true),
        // What lies below comes along with what was asked for.
        (plain, "", "/tmp/plain/sub", "/data/sub", true),
        (plain, #", "subPath": "a""#, "/tmp/plain/a", "/data", true),
        (plain, #", "subPathExpr": "$(NAME)""#, "/tmp/plain/web-0", "/data", true),
        // Another path: a link to nothing worth more may lead there, one to the node's root is no excuse.
        (plain, "", "/srv/elsewhere", "/data", nil),
        (plain, "", "/", "/data", false),
        (plain, "", "/etc", "/data/evil", false),
        (plain, #", "subPath": "a""#, "/etc/cron.d", "/data", false),
        (plain, #", "subPathExpr": "$(NAME)""#, "/etc", "/data", false),
        (#""hostPath": {"path": "/etc/localtime"}"#, "", "/usr/share/zoneinfo/UTC", "/data", nil),
        // Kept by the kubelet in the pod's own directory.
        (#""emptyDir": {}"#, "", "/", "/data", false), (#""configMap": {}"#, "", "/etc", "/data", false),
        ("", "", "/root", "/data", false), (#""emptyDir": {}"#, "", "/mnt/kubelet/x", "/data", nil),
        // A plugin's, which the kubelet mounts there as well.
        (#""csi": {"driver": "d"}"#, "", "/", "/data", false),
        (#""persistentVolumeClaim": {}"#, "", "/", "/data", false),
        (#""persistentVolumeClaim": {}"#, "", "/etc", "/data/evil", false),
        (#""nfs": {}"#, "", "/run/containerd", "/data", false),
        (#""ephemeral": {}"#, "", "/var/lib/kubelet", "/data", false),
        (#""persistentVolumeClaim": {}"#, "", "/srv/disk", "/data", nil),
        (#""image": {}"#, "", "/etc", "/data", false),
        (#""image": {}"#, "", "/run/containerd/io.containerd.grpc.v1.cri/image-volumes/x", "/data", nil),
        // The other mount names no volume of the pod.
        (plain, "", "/etc", "/elsewhere", false),
    ]

    @Test(arguments: rows)
    func asked(source: String, mount: String, path: String, point: String, answer: Bool?) throws {
        let request = try Self.request(source, mount: mount)
        #expect(request.asksForHostPath([path], isWritable: true, at: point) == answer)
    }

    private static func hostPath(_ path: String) -> String { #""hostPath": {"path": "\#(path)"}"# }

    /// The path that is asked for, where it leads on the node, and what is mounted.
    static let links: [(asked: String, target: String?, paths: [String], point: String, answer: Bool?)] = [
        // No link: whatever else is there was not asked for.
        ("/opt/cni/bin", "/opt/cni/bin", ["/"], "/data", false), ("/etc", "/etc", ["/"], "/data", false),
        ("/opt/cni/bin", "/opt/cni/bin", ["/root"], "/data", false), ("/etc", "/etc", ["/proc"], "/data", false),
        ("/run/containerd/containerd.sock", "/run/containerd/containerd.sock", ["/"], "/data", false),
        ("/tmp/plain", "/tmp/plain", ["/srv/elsewhere"], "/data", false),
        ("/var/run/x", "/run/x", ["/run/y"], "/data", false),
        // A link, as the runtime has followed it.
        ("/etc/localtime", "/usr/share/zoneinfo/UTC", ["/usr/share/zoneinfo/UTC"], "/data", true),
        ("/tmp/plain", "/srv/elsewhere", ["/srv/elsewhere/sub"], "/data/sub", true),
        // It led elsewhere when the container started, or did not.
        ("/tmp/plain", "/srv/elsewhere", ["/srv/third"], "/data", nil),
        ("/tmp/plain", "/srv/else/where", ["/srv/else"], "/data", false),
        ("/tmp/plain", "/etc", ["/etc"], "/data", false),
        // Not known, but no link leads up.
        ("/opt/cni/bin", nil, ["/"], "/data", false), ("/opt/cni/bin", nil, ["/root"], "/data", nil),
        // A disk that is mounted at two places.
        ("/var/lib/x", "/var/lib/x", ["/mnt/disk/x", "/var/lib/x"], "/data", true),
    ]

    @Test(arguments: links)
    func throughLinks(asked: String, target: String?, paths: [String], point: String, answer: Bool?) throws {
        let request = try Self.request(
            Self.hostPath(asked), targets: target.map { [asked: $0] })
        #expect(request.asksForHostPath(paths, isWritable: true, at: point) == answer)
    }

    @Test func partOfAVolume() throws {
        let request = try Self.request(
            Self.hostPath("/etc"), mount: #", "subPath": "ssh""#, targets: ["/etc/ssh": "/etc/ssh"])
        #expect(request.asksForHostPath(["/etc/ssh"], isWritable: true, at: "/data") == true)
        #expect(request.asksForHostPath(["/etc"], isWritable: true, at: "/data") == false)
        #expect(request.hostPath(at: "/data/keys") == "/etc/ssh/keys" && request.hostPath(at: "/elsewhere") == nil)
    }

    /// What is local to the node, or on a share that it has mounted as well, is the pod's volume all the same.
    @Test(arguments: [#""persistentVolumeClaim": {}"#, #""nfs": {}"#, #""emptyDir": {}"#])
    func volumeElsewhereOnTheNode(source: String) throws {
        let request = try Self.request(source)
        #expect(request.asksForHostPath(["/home/share"], isWritable: true, isVolume: true, at: "/data") == nil)
        #expect(request.asksForHostPath(["/home/share"], isWritable: true, at: "/data") == false)
    }

    static let mountsBesideDevices: [(path: String, isWritable: Bool, answer: Bool?)] = [
        ("/usr/lib", false, nil), ("/usr/lib/libcuda.so", false, nil), ("/etc/vulkan/icd.d", false, nil),
        ("/dev/nvidia0", true, nil), ("/run/nvidia", true, nil),
        ("/", false, false), ("/etc", false, false), ("/etc", true, false), ("/etc/vulkan", true, false),
        ("/run/containerd/containerd.sock", false, false), ("/var/lib/kubelet", false, false), ("/var", false, false),
        ("/usr/lib", true, false), ("/dev", true, false), ("/dev/nvme0n1", true, false),
    ]

    /// A device plugin may add mounts of the node, and none that is worth more than a device.
    @Test(arguments: mountsBesideDevices)
    func devicePlugin(path: String, isWritable: Bool, answer: Bool?) throws {
        let request = try Self.request(Self.plain, resources: #"{"limits": {"nvidia.com/gpu": "1"}}"#)
        #expect(request.asksForHostPath([path], isWritable: isWritable, at: "/elsewhere") == answer)
        #expect(try Self.request(Self.plain).asksForHostPath([path], isWritable: isWritable, at: "/elsewhere") == false)
    }

    @Test func devicePluginAndVolume() throws {
        let request = try Self.request(Self.plain, resources: #"{"limits": {"nvidia.com/gpu": "1"}}"#)
        #expect(request.asksForHostPath(["/"], isWritable: false, at: "/data") == false)
    }
}
