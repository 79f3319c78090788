import FoundationEssentials
import Glibc
package import HTTPTransport
import LinuxSystem
import Manifests

/// Where the API server is, whom to trust as it and as whom to ask: what a kubeconfig says.
package struct APIAccess: Sendable {
    package var server: String
    package var tls: TLSConfiguration
    package var credential: any APICredential

    /// Makes the credential of a cluster of EKS from the node's own identity; the region is `nil` where none is named.
    package typealias ClusterCredential = @Sendable (_ cluster: String, _ region: String?) -> any APICredential

    /// Reads a kubeconfig, such as the node's kubelet's.
    ///
    /// - Parameters:
    ///   - path: as it is on the node.
    ///   - root: where the node's root directory is; files that the kubeconfig names are below it, too.
    ///   - plugins: absolute paths of the credential plugins that may be run, as this process sees them.
    package init(
        kubeconfig path: String, root: String = "/", plugins: Set<String> = [], clusterCredential: ClusterCredential
    ) throws(APIError) {
        let files = NodeFiles(root: root, directory: path.lastDirectory)
        let file = path.hasPrefix("/") ? files.place(of: path) : path
        let config: Kubeconfig
        do throws(ManifestError) {
            config = try ManifestReader.decode(Kubeconfig.self, from: try ManifestReader.bytes(of: file), name: path)
        } catch {
            throw .configuration(reason: error.description)
        }
        let (cluster, user) = try config.current()
        server = try Self.server(of: cluster)
        tls = TLSConfiguration(
            authorities: try files.source(cluster.authorityData, cluster.authorityFile, "certificate-authority-data"))
        credential = CertificateCredential()
        try authenticate(user, files, plugins, clusterCredential)
    }

    private static func server(of cluster: Kubeconfig.Cluster) throws(APIError) -> String {
        if cluster.skipsVerification == true {
            throw .configuration(reason: "insecure-skip-tls-verify is set: the server is always verified here")
        }
        if cluster.serverName != nil || cluster.proxyURL != nil {
            throw .configuration(reason: "tls-server-name and proxy-url are not supported")
        }
        guard cluster.server.lowercased().hasPrefix("https://") else {
            throw .configuration(reason: "the server is not an https URL")
        }
        return cluster.server
    }

    private mutating func authenticate(
        _ user: Kubeconfig.User, _ files: NodeFiles, _ plugins: Set<String>, _ clusterCredential: ClusterCredential
    ) throws(APIError) {
        if let certificate = try files.source(user.certificateData, user.certificateFile, "client-certificate-data"),
            let key = try files.source(user.keyData, user.keyFile, "client-key-data")
        {
            tls.identity = TLSConfiguration.Identity(certificate: certificate, key: key)
        }
        if let token = user.token, !token.isEmpty {
            credential = StaticToken(token)
        } else if let file = user.tokenFile, !file.isEmpty {
            credential = TokenFile(path: file, files: files)
        } else if let plugin = user.exec {
            if plugins.contains(plugin.command) {
                credential = try PluginCredential(plugin)
            } else if let eks = plugin.eksCluster {
                credential = clusterCredential(eks.name, eks.region)
            } else {
                throw .configuration(
                    reason: "the credential plugin \(plugin.command) is not known or asks for another identity than "
                        + "the node's, and the configuration does not allow it by its absolute path (api.plugins)")
            }
        } else if tls.identity == nil {
            throw .configuration(reason: "the user has no token, client certificate or known credential plugin")
        }
    }

    /// A client of that server over the network, which by default waits between attempts until it is cancelled.
    package func podClient(
        nodeName: String, retry: Retry? = nil, cancellation: HTTPCancellation = HTTPCancellation()
    ) throws(APIError) -> PodClient {
        let client: HTTPClient
        do throws(HTTPError) {
            client = try HTTPClient(tls: tls)
        } catch {
            throw .transport(error)
        }
        return PodClient(
            server: server, nodeName: nodeName, credential: credential,
            retry: retry ?? Retry(wait: cancellation.wait(seconds:))
        ) { (request, sink) throws(HTTPError) in
            guard let sink else { return try client.send(request, cancellation: cancellation) }
            return try client.stream(request, cancellation: cancellation, to: sink)
        }
    }
}

/// A token in a file, which others replace from time to time.
private struct TokenFile: APICredential {
    let path: String
    let files: NodeFiles

    func bearerToken(isNew: Bool) throws(APIError) -> String? {
        guard let bytes = try? BoundedFile.read(regular: files.place(of: path), limit: 64 << 10) else {
            throw .credential(reason: "\(path) cannot be read")
        }
        return String(decoding: bytes.filter { $0 > UInt8(ascii: " ") && $0 < 0x7F }, as: UTF8.self)
    }
}

/// The files that a kubeconfig names.
private struct NodeFiles: Sendable {
    var root: String
    /// That of the kubeconfig, from which relative names count.
    var directory: String

    /// Where a file is for this process: at the end of its links, which the node's root directory is the root of, such
    /// as that of the kubelet's current client certificate.
    func place(of path: String) -> String {
        let absolute = path.hasPrefix("/") ? path : "\(directory)/\(path)"
        guard root != "/" else { return absolute }
        let target = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY).resolve(absolute)
        return root + (target ?? absolute)
    }

    /// The data before the file, as kubectl has it.
    func source(_ data: String?, _ file: String?, _ field: String) throws(APIError) -> TLSConfiguration.Source? {
        if let data, !data.isEmpty {
            guard let decoded = Data(base64Encoded: data) else { throw .configuration(reason: "\(field) is no base64") }
            return .bytes(Array(decoded))
        }
        guard let file, !file.isEmpty else { return nil }
        return .file(place(of: file))
    }
}

extension String {
    fileprivate var lastDirectory: String {
        let parts = split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }
}
