/// A kubeconfig file, as far as it says where an API server is and who asks it (client-go, tools/clientcmd/api/v1).
struct Kubeconfig: Decodable {
    var currentContext: String?
    var clusters: [NamedCluster]?
    var contexts: [NamedContext]?
    var users: [NamedUser]?

    private enum CodingKeys: String, CodingKey {
        case currentContext = "current-context"
        case clusters, contexts, users
    }

    struct NamedCluster: Decodable {
        var name: String
        var cluster: Cluster
    }

    struct Cluster: Decodable {
        var server: String
        var authorityFile: String?
        var authorityData: String?
        var skipsVerification: Bool?
        var serverName: String?
        var proxyURL: String?

        private enum CodingKeys: String, CodingKey {
            case server
            case authorityFile = "certificate-authority"
            case authorityData = "certificate-authority-data"
            case skipsVerification = "insecure-skip-tls-verify"
            case serverName = "tls-server-name"
            case proxyURL = "proxy-url"
        }
    }

    struct NamedContext: Decodable {
        var name: String
        var context: Context
    }

    struct Context: Decodable {
        var cluster: String
        var user: String
    }

    struct NamedUser: Decodable {
        var name: String
        var user: User
    }

    struct User: Decodable {
        var token: String?
        var tokenFile: String?
        var certificateFile: String?
        var certificateData: String?
        var keyFile: String?
        var keyData: String?
        var exec: ExecPlugin?
        var username: String?

        private enum CodingKeys: String, CodingKey {
            case token, tokenFile, exec, username
            case certificateFile = "client-certificate"
            case certificateData = "client-certificate-data"
            case keyFile = "client-key"
            case keyData = "client-key-data"
        }
    }

    /// A program that prints a credential (client.authentication.k8s.io).
    struct ExecPlugin: Decodable, Equatable {
        var apiVersion: String?
        var command: String
        var args: [String]?
        var env: [Variable]?
        var interactiveMode: String?
        var provideClusterInfo: Bool?

        struct Variable: Decodable, Equatable {
            var name: String
            var value: String
        }
    }

    /// The cluster and user of the current context, or of the only one.
    func current() throws(APIError) -> (cluster: Cluster, user: User) {
        let contexts = contexts ?? []
        let named = currentContext.flatMap { $0.isEmpty ? nil : $0 }
        let context =
            named.map { name in contexts.first { $0.name == name } } ?? (contexts.count == 1 ? contexts[0] : nil)
        guard let context = context?.context else {
            throw .configuration(reason: named.map { "there is no context \($0)" } ?? "there is no current context")
        }
        guard let cluster = clusters?.first(where: { $0.name == context.cluster })?.cluster else {
            throw .configuration(reason: "there is no cluster \(context.cluster)")
        }
        guard let user = users?.first(where: { $0.name == context.user })?.user else {
            throw .configuration(reason: "there is no user \(context.user)")
        }
        return (cluster, user)
    }
}

extension Kubeconfig.ExecPlugin {
    /// The cluster whose token the plugin makes, where it is one of those that EKS nodes and `aws eks update-kubeconfig`
    /// have: `aws-iam-authenticator token -i NAME` and `aws --region REGION eks get-token --cluster-name NAME`.
    ///
    /// `nil` for any other program, and where it is asked for another identity than the node's or for anything that is
    /// not known here.
    var eksCluster: (name: String, region: String?)? {
        guard let words = EKSArguments(args ?? []), env?.contains(where: { $0.name == "AWS_PROFILE" }) != true else {
            return nil
        }
        let isKnown: Bool =
            switch command.split(separator: "/").last {
            case "aws-iam-authenticator": words.command == ["token"]
            case "aws": words.command == ["eks", "get-token"]
            default: false
            }
        guard isKnown, let cluster = words.cluster else { return nil }
        let variable = env?.last { ["AWS_REGION", "AWS_DEFAULT_REGION"].contains($0.name) }?.value
        return (cluster, words.region ?? variable)
    }
}

/// The arguments of `aws` and `aws-iam-authenticator`, whose options may stand before and after the command.
private struct EKSArguments {
    var command: [String] = []
    var cluster: String?
    var region: String?

    /// `nil` where there is an option that may change whose token it is, or that is not known.
    init?(_ arguments: [String]) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-") else {
                command.append(argument)
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else { return nil }
            switch parts[0] {
            case "-i", "--cluster-id", "--cluster-name": cluster = value
            case "--region": region = value
            case "--output": break
            default: return nil
            }
        }
    }
}
