import Foundation
import NodeModel
import Testing

@testable import Checks

@Suite struct PodRequestHostPathTests {
    /// A pod with one volume, mounted at `/data`.
    private static func request(_ source: String, mount: String = "", resources: String = "{}") throws -> PodRequest {
        let json = """
            {"metadata": {"name": "web"}, "spec": {"volumes": [{"name": "v"\(source.isEmpty ? "" : ", " + source)}],
             "containers": [{"name": "web", "resources": \(resources),
              "volumeMounts": [{"name": "v", "mountPath": "/data"\(mount)}, {"name": "w", "mountPath": "/"}]}]}}
            """
        let pod = try JSONDecoder().decode(Pod.self, from: Data(json.utf8))
        return PodRequest(pod: pod, container: pod.spec.containers?.first)
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
        // A plugin's.
        (#""csi": {"driver": "d"}"#, "", "/", "/data", nil),
        (#""persistentVolumeClaim": {}"#, "", "/srv/disk", "/data", nil),
        // The other mount names no volume of the pod.
        (plain, "", "/etc", "/elsewhere", false),
    ]

    @Test(arguments: rows)
    func asked(source: String, mount: String, path: String, point: String, answer: Bool?) throws {
        let request = try Self.request(source, mount: mount)
        #expect(request.asksForHostPath(path, isWritable: true, at: point) == answer)
    }

    /// A device plugin may add mounts of the node.
    @Test func devicePlugin() throws {
        let resources = #"{"limits": {"nvidia.com/gpu": "1"}}"#
        let request = try Self.request(Self.plain, resources: resources)
        #expect(request.asksForHostPath("/usr/lib", isWritable: false, at: "/elsewhere") == nil)
        #expect(request.asksForHostPath("/", isWritable: false, at: "/data") == false)
    }
}
