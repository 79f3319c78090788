import Foundation
import HTTPTransport
import TestSupport
import Testing

@testable import KubernetesAPI

@Suite struct APIAccessTests {
    private struct Named: APICredential {
        var text: String
        func bearerToken(isNew: Bool) -> String? { text }
    }

    /// A kubeconfig as the images of EKS have it, with these members of cluster and user.
    private static func config(cluster: String = "", user: String, context: String = "kubelet") -> String {
        """
        apiVersion: v1
        kind: Config
        clusters:
        - cluster:
            certificate-authority: /etc/kubernetes/pki/ca.crt
            server: https://ABC.gr7.eu-west-1.eks.amazonaws.com
        \(cluster)
          name: kubernetes
        contexts:
        - context: {cluster: kubernetes, user: kubelet}
          name: kubelet
        current-context: \(context)
        users:
        - name: kubelet
          user:
        \(user)
        """
    }

    private func access(_ text: String) throws -> (server: String, tls: TLSConfiguration, token: String?) {
        try TemporaryDirectory.with { directory in
            try directory.file("var/lib/kubelet/kubeconfig", text)
            try directory.file("var/lib/kubelet/token", " from-file\n")
            let access = try APIAccess(kubeconfig: "/var/lib/kubelet/kubeconfig", root: directory.path) {
                cluster, region in Named(text: "\(cluster) \(region ?? "-")")
            }
            var tls = access.tls
            if case .file(let path) = tls.authorities {
                tls.authorities = .file(path.replacing(directory.path, with: ""))
            }
            return (access.server, tls, try access.credential.bearerToken(isNew: false))
        }
    }

    /// Links of the node lead to its own files, wherever its root directory is, and a file that is replaced is found.
    @Test func filesBehindLinks() throws {
        try TemporaryDirectory.with { directory in
            let user = "    tokenFile: /pki/token\n    client-certificate: /pki/current\n    client-key: /pki/current"
            try directory.file("etc/kubeconfig", Self.config(user: user))
            for name in ["token-1", "token-2", "client-1"] { try directory.file("pki/\(name)", "content of \(name)") }
            try directory.link("pki/current", to: "/pki/client-1")
            try directory.link("pki/token", to: "/pki/token-1")
            try directory.link("link", to: "/etc/kubeconfig")
            let access = try APIAccess(kubeconfig: "/link", root: directory.path) { _, _ in Named(text: "") }
            let file = TLSConfiguration.Source.file("\(directory.path)/pki/client-1")
            #expect(access.tls.identity == TLSConfiguration.Identity(certificate: file, key: file))
            #expect(try access.credential.bearerToken(isNew: false) == "contentoftoken-1")
            try FileManager.default.removeItem(atPath: "\(directory.path)/pki/token")
            try directory.link("pki/token", to: "/pki/token-2")
            #expect(try access.credential.bearerToken(isNew: false) == "contentoftoken-2")
        }
    }

    /// A file that an administrator names, from where they are, and what it names, from where it is.
    @Test func relativePath() throws {
        try TemporaryDirectory.with { directory in
            try directory.file("kubeconfig", Self.config(user: "    tokenFile: token"))
            try directory.file("token", "from-file")
            let up = FileManager.default.currentDirectoryPath.split(separator: "/").map { _ in "../" }.joined()
            let access = try APIAccess(kubeconfig: "\(up)\(directory.path.dropFirst())/kubeconfig") { _, _ in
                Named(text: "")
            }
            #expect(try access.credential.bearerToken(isNew: false) == "from-file")
        }
    }

    static let users: [(name: String, user: String, token: String?)] = [
        ("token", "    token: secret", "secret"),
        ("token file", "    tokenFile: /var/lib/kubelet/token", "from-file"),
        ("token file beside it", "    tokenFile: token", "from-file"),
        (
            "Amazon Linux 2",
            """
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  command: /usr/bin/aws-iam-authenticator
                  args: ["token", "-i", "demo", "--region", "eu-west-1"]
            """, "demo eu-west-1"
        ),
        (
            "Amazon Linux 2023",
            """
                exec:
                  apiVersion: client.authentication.k8s.io/v1beta1
                  command: aws
                  args:
                  - eks
                  - get-token
                  - --cluster-name=demo
                  env:
                  - {name: AWS_REGION, value: cn-north-1}
            """, "demo cn-north-1"
        ),
        (
            "aws eks update-kubeconfig",
            """
                exec:
                  command: aws
                  args: [--region, eu-west-1, eks, get-token, --cluster-name, demo, --output, json]
            """, "demo eu-west-1"
        ),
        (
            "client certificate",
            """
                client-certificate-data: Y2VydA==
                client-key-data: a2V5
            """, nil
        ),
    ]

    @Test(arguments: users)
    func user(name: String, user: String, token: String?) throws {
        let access = try access(Self.config(user: user))
        #expect(access.server == "https://ABC.gr7.eu-west-1.eks.amazonaws.com")
        #expect(access.tls.authorities == .file("/etc/kubernetes/pki/ca.crt"))
        #expect(access.token == token, "\(name)")
        let identity = TLSConfiguration.Identity(
            certificate: .bytes(Array("cert".utf8)), key: .bytes(Array("key".utf8)))
        #expect(access.tls.identity == (token == nil ? identity : nil))
    }

    static let refused: [(text: String, reason: String)] = [
        (config(user: "    {}"), "the user has no token, client certificate or known credential plugin"),
        (config(user: "    token: t", context: "other"), "there is no context other"),
        (
            config(cluster: "    insecure-skip-tls-verify: true", user: "    token: t"),
            "insecure-skip-tls-verify is set: the server is always verified here"
        ),
        (
            config(cluster: "    proxy-url: http://p", user: "    token: t"),
            "tls-server-name and proxy-url are not supported"
        ),
        (
            config(cluster: "    certificate-authority-data: '?'", user: "    token: t"),
            "certificate-authority-data is no base64"
        ),
        (
            config(user: "    exec: {command: /opt/get-credential}"),
            "the credential plugin /opt/get-credential is not known or asks for another identity than the node's, and the configuration does not allow it by its absolute path (api.plugins)"
        ),
        (
            config(user: "    exec: {command: aws, args: [eks, get-token, --cluster-name, c, --role-arn, r]}"),
            "the credential plugin aws is not known or asks for another identity than the node's, and the configuration does not allow it by its absolute path (api.plugins)"
        ),
        (
            config(
                user: """
                        exec:
                          command: aws
                          args: [eks, get-token, --cluster-name, c]
                          env: [{name: AWS_PROFILE, value: admin}]
                    """),
            "the credential plugin aws is not known or asks for another identity than the node's, and the configuration does not allow it by its absolute path (api.plugins)"
        ),
        (
            "clusters: {}",
            "/var/lib/kubelet/kubeconfig: document 1, line 1: clusters: expected a list, found a mapping"
        ),
        ("", "/var/lib/kubelet/kubeconfig: no document in it"),
    ]

    @Test(arguments: refused)
    func refusedConfigurations(text: String, reason: String) {
        #expect(throws: APIError.configuration(reason: reason)) { _ = try access(text) }
    }

    /// No value of a kubeconfig is shown: it may be a secret.
    @Test func secretsStayOut() {
        let error = #expect(throws: APIError.self) { _ = try access(Self.config(user: "    token: [top-secret]")) }
        #expect(error?.description.contains("top-secret") == false)
    }
}
