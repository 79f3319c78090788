import BenchSupport
import Foundation
import TestSupport
import Testing

/// A workload of a manifest as the bench can run it (packaging/bench/workload), and what a test may change of it.
struct Workload {
    var name: String
    var sandbox: [String]
    var containers: [Container]
    var directories: [String]
    var files: [String]
    /// The pod as the API has it, without a status.
    var object: [String: Any]

    struct Container {
        var name: String
        var image: String
        var options: [String]
    }

    /// Every DaemonSet and Deployment of the files, in their order.
    static func read(_ paths: [String]) throws -> [Workload] {
        try Bench.succeed([Bench.script("workload")] + paths).text.split(separator: "\n").map {
            try Workload(try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]))
        }
    }

    private init(_ line: [String: Any]) throws {
        name = try #require(line["name"] as? String)
        sandbox = try #require(line["sandbox"] as? [String])
        directories = try #require(line["directories"] as? [String])
        files = try #require(line["files"] as? [String])
        object = try #require(line["object"] as? [String: Any])
        containers = try #require(line["containers"] as? [[String: Any]]).map {
            Container(
                name: try #require($0["name"] as? String), image: try #require($0["image"] as? String),
                options: try #require($0["options"] as? [String]))
        }
    }

    var podName: String { (object["metadata"] as? [String: Any])?["name"] as? String ?? "" }

    /// Runs it on a node as a kubelet does, under the names of its own images, and reports its pod to the API.
    ///
    /// - Returns: the runtime's ids of its containers, by their names.
    @discardableResult
    func run(on node: SystemdNode, _ api: StandInAPIServer) throws -> [String: String] {
        try node.succeed(["mkdir", "-p", "--", "/var/lib/kubelet"] + directories)
        if !files.isEmpty { try node.succeed(["touch", "--"] + files) }
        for image in Set(containers.map(\.image)) {
            let tag = ["ctr", "-n", "k8s.io", "images", "tag", "--force", "bench.test/busybox:1", image]
            try node.succeed(tag)
        }
        var ids: [String: String] = [:]
        var pod: String?
        for container in containers {
            let place = pod.map { ["--sandbox", $0] } ?? []
            let made = try node.pod([podName] + sandbox + place + container.options)
            pod = made.pod
            ids[container.name] = made.container
        }
        try api.report(object, containers: ids)
        return ids
    }
}

extension Workload {
    /// The same under another name.
    func named(_ suffix: String) -> Workload { anotherPod(suffix) }

    /// The same in another namespace.
    func moved(to namespace: String) -> Workload {
        var copy = anotherPod("moved")
        copy.sandbox[1] = namespace
        copy.change("metadata") { $0["namespace"] = namespace }
        return copy
    }

    /// The same with one more directory of the node in its last container.
    func mounting(_ path: String) -> Workload {
        var copy = anotherPod("mounting")
        copy.containers[containers.count - 1].options += ["--mount", "\(path):/more"]
        copy.change("spec") { spec in
            spec["volumes"] =
                (spec["volumes"] as? [Any] ?? []) + [["name": "more", "hostPath": ["path": path]] as [String: Any]]
            var list = spec["containers"] as? [[String: Any]] ?? []
            let mounts = list[list.count - 1]["volumeMounts"] as? [Any] ?? []
            list[list.count - 1]["volumeMounts"] = mounts + [["name": "more", "mountPath": "/more"]]
            spec["containers"] = list
        }
        return copy
    }

    /// What the API would say of it with another service account.
    func with(serviceAccount: String) -> Workload {
        var copy = self
        copy.change("spec") { $0["serviceAccountName"] = serviceAccount }
        return copy
    }

    /// What the API would say of it with images of another registry.
    func with(registry: String) -> Workload {
        var copy = self
        copy.change("spec") { spec in
            for key in ["initContainers", "containers"] {
                spec[key] = (spec[key] as? [[String: Any]])?.map { container in
                    let name = (container["image"] as? String ?? "").drop { $0 != "/" }
                    return container.merging(["image": registry + name]) { $1 }
                }
            }
        }
        return copy
    }

    /// What the API would say of it with another owner.
    func with(owner: String) -> Workload {
        var copy = self
        copy.change("metadata") { metadata in
            metadata["ownerReferences"] = (metadata["ownerReferences"] as? [[String: Any]])?.map {
                $0.merging(["name": owner]) { $1 }
            }
        }
        return copy
    }

    private func anotherPod(_ suffix: String) -> Workload {
        let uid = UUID().uuidString.lowercased()
        var copy = self
        copy.sandbox[3] = uid
        copy.change("metadata") {
            $0["uid"] = uid
            $0["name"] = podName + "-" + suffix
        }
        return copy
    }

    private mutating func change(_ member: String, _ change: (inout [String: Any]) -> Void) {
        var value = object[member] as? [String: Any] ?? [:]
        change(&value)
        object[member] = value
    }
}

extension StandInAPIServer {
    /// What a kubelet reports of a pod whose containers run by the ids given, init containers too.
    func report(_ object: [String: Any], containers: [String: String]) throws {
        var pod = object
        var spec = try #require(pod["spec"] as? [String: Any])
        spec["nodeName"] = Self.nodeName
        pod["spec"] = spec
        func statuses(_ list: String) -> [[String: Any]] {
            (spec[list] as? [[String: Any]] ?? []).compactMap { entry in
                let name = entry["name"] as? String ?? ""
                return containers[name].map {
                    [
                        "name": name, "ready": true, "restartCount": 0, "containerID": "containerd://\($0)",
                        "state": ["running": [String: String]()],
                    ]
                }
            }
        }
        pod["status"] = [
            "phase": "Running", "containerStatuses": statuses("containers"),
            "initContainerStatuses": statuses("initContainers"),
        ]
        let command = try JSONSerialization.data(withJSONObject: ["op": "apply", "pods": [pod]] as [String: Any])
        try control(String(decoding: command, as: UTF8.self))
    }
}
