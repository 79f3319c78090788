import Glibc
import LinuxSystem

/// What the node's kubelet was started with, as far as a client of the API server has to know it.
///
/// The kubelet knows itself by `--hostname-override` (EKS gives it on every node) and talks to the API server by the
/// file of `--kubeconfig`.
package struct KubeletSettings: Sendable, Equatable {
    package var nodeName: String?
    package var kubeconfig: String?

    package init(nodeName: String? = nil, kubeconfig: String? = nil) {
        self.nodeName = nodeName
        self.kubeconfig = kubeconfig
    }

    /// The files that EKS images keep the kubelet's arguments in: Amazon Linux 2023, and the drop-ins of Amazon Linux 2.
    static let argumentFiles = [
        "etc/eks/kubelet/environment", "etc/systemd/system/kubelet.service.d/30-kubelet-extra-args.conf",
        "etc/systemd/system/kubelet.service.d/10-kubelet-args.conf",
    ]

    /// Where the kubeconfig is unless the kubelet was told otherwise: EKS images, Bottlerocket, and nodes of Outposts,
    /// whose kubelet replaces a first one.
    static let usualKubeconfigs = [
        "var/lib/kubelet/kubeconfig", "etc/kubernetes/kubelet/kubeconfig", "etc/kubernetes/kubelet.conf",
        "var/lib/kubelet/bootstrap-kubeconfig",
    ]

    /// From the running kubelet, then from the files that it is started from.
    ///
    /// - Parameters:
    ///   - proc: a `/proc` that shows the kubelet.
    ///   - root: where the node's root directory is.
    package static func read(proc: String = "/proc", root: String = "/") -> KubeletSettings {
        var settings = runningKubelet(proc: proc).map(parse) ?? KubeletSettings()
        for file in argumentFiles where settings.nodeName == nil || settings.kubeconfig == nil {
            guard let bytes = try? BoundedFile.read(path: "\(root)/\(file)", limit: 1 << 16) else { continue }
            let found = parse(words(of: bytes))
            settings.nodeName = settings.nodeName ?? found.nodeName
            settings.kubeconfig = settings.kubeconfig ?? found.kubeconfig
        }
        if settings.kubeconfig == nil {
            settings.kubeconfig = usualKubeconfigs.map { "/" + $0 }.first { path in
                (try? BoundedFile.read(path: root + path, limit: 1 << 20)) != nil
            }
        }
        return settings
    }

    /// The name that a kubelet takes without `--hostname-override`: the host's, in lower case
    /// (pkg/util/node, GetHostname).
    package static func defaultNodeName() -> String? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        let name = withUnsafeBytes(of: names.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return name.isEmpty ? nil : name.lowercased()
    }

    /// The last word counts, as for the kubelet itself; both `--flag=value` and `--flag value` are right.
    static func parse(_ arguments: [String]) -> KubeletSettings {
        var settings = KubeletSettings()
        for (index, argument) in arguments.enumerated() {
            func value(_ flag: String) -> String? {
                if argument.hasPrefix("\(flag)=") { return String(argument.dropFirst(flag.count + 1)) }
                return argument == flag && index + 1 < arguments.count ? arguments[index + 1] : nil
            }
            if let name = value("--hostname-override"), !name.isEmpty { settings.nodeName = name }
            if let path = value("--kubeconfig"), path.hasPrefix("/") { settings.kubeconfig = path }
        }
        return settings
    }

    /// The words of `Environment='KUBELET_ARGS=--a=b …'` and `NODEADM_KUBELET_ARGS=--a=b …` (systemd.exec(5)).
    static func words(of file: [UInt8]) -> [String] {
        let separators: Set<UInt8> = Set(" \t\n\r'\"".utf8)
        return file.split { separators.contains($0) }.compactMap { word -> String? in
            let text = String(decoding: word, as: UTF8.self)
            guard let start = text.firstRange(of: "--")?.lowerBound else { return text }
            return String(text[start...])
        }
    }
}

extension KubeletSettings {
    /// The arguments of the kubelet that runs on this node, and in no container: its program is named so, and it is in
    /// the mount and PID namespace of PID 1.
    private static func runningKubelet(proc: String) -> [String]? {
        guard let host = namespaces(proc: proc, "1"),
            let directory = try? Descriptor.open(proc, O_RDONLY | O_DIRECTORY),
            let names = try? directory.entryNames(limit: 1 << 20).names
        else { return nil }
        let pids = names.map { String(decoding: $0, as: UTF8.self) }.filter { UInt32($0) != nil }
        let kubelets = pids.filter { pid in
            (try? BoundedFile.read(path: "\(proc)/\(pid)/comm", limit: 64)) == Array("kubelet\n".utf8)
                && namespaces(proc: proc, pid) == host
        }
        for pid in kubelets {
            guard let bytes = try? BoundedFile.read(path: "\(proc)/\(pid)/cmdline", limit: 1 << 17) else { continue }
            let arguments = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            if arguments.first?.split(separator: "/").last == "kubelet" { return arguments }
        }
        return nil
    }

    private static func namespaces(proc: String, _ pid: String) -> [[UInt8]]? {
        guard let directory = try? Descriptor.open("\(proc)/\(pid)/ns", O_RDONLY | O_DIRECTORY) else { return nil }
        let links = ["mnt", "pid"].compactMap { try? directory.linkTarget(of: $0) }
        return links.count == 2 ? links : nil
    }
}
