import FoundationEssentials
package import HTTPTransport
package import LinuxSystem
package import NodeModel

/// Asks an API server for the pods of one node, and for nothing else.
///
/// The node authorizer lets a node list and watch pods only with a field selector of its own name
/// (plugin/pkg/auth/authorizer/node/node_authorizer.go); the selector is always sent. Used by one thread at a time.
package final class PodClient {
    /// Sends one request, whose body may be streamed; by default over the network.
    package typealias Send = (HTTPRequest, ((UnsafeRawBufferPointer) -> Bool)?) throws(HTTPError) -> HTTPResponse

    let server: String
    let nodeName: String
    let credential: any APICredential
    let retry: Retry
    let send: Send
    /// Seconds without any byte after which a watch counts as broken.
    var watchSilence = PodWatch.silence

    /// Pods of a page: some 6 MB of JSON at the usual 12 KB each.
    package static let pageSize = 500
    /// The most bytes of a page; one that is longer is asked for again with half as many pods.
    ///
    /// etcd takes 1.5 MiB for a pod (--max-request-bytes), and JSON writes a character as up to six (`\u0000`), so a
    /// page of one pod is never longer.
    package static let pageLimit = 64 << 20

    /// - Parameters:
    ///   - server: `https://HOST[:PORT]`, without a path.
    ///   - nodeName: the value of `spec.nodeName` of the pods to ask for.
    package init(
        server: String, nodeName: String, credential: any APICredential, retry: Retry = Retry(), send: @escaping Send
    ) {
        self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
        self.nodeName = nodeName
        self.credential = credential
        self.retry = retry
        self.send = send
    }

    /// A whole list, and the version at which a watch goes on from it.
    package struct List: Sendable, Equatable {
        package var pods: [Pod]
        package var resourceVersion: String

        package init(pods: [Pod], resourceVersion: String) {
            self.pods = pods
            self.resourceVersion = resourceVersion
        }
    }

    /// The pods of the node, page by page, all of one version of the cluster.
    ///
    /// A continue token that has become too old starts the list again; what was read until then is thrown away, because
    /// some of it may be gone. Failures that may pass are tried again until the deadline.
    package func list(until deadline: Deadline) throws(APIError) -> List {
        var attempt = 0
        while true {
            do throws(APIError) {
                return try listOnce(until: deadline)
            } catch {
                guard error.isTransient || error == .expired else { throw error }
                var asked: Double?
                if case .unavailable(_, let retryAfter, _) = error { asked = retryAfter }
                let delay = error == .expired && attempt == 0 ? 0 : retry.delay(attempt, serverAsks: asked)
                guard Double(deadline.remainingMicroseconds) / 1e6 > delay else {
                    throw .gaveUp(reason: error.description)
                }
                if delay > 0 { retry.wait(delay) }
                attempt += 1
            }
        }
    }

    private func listOnce(until deadline: Deadline) throws(APIError) -> List {
        var pods: [Pod] = []
        var token: String?
        var size = Self.pageSize
        repeat {
            guard let page = try page(of: size, token, until: deadline) else {
                size /= 2
                continue
            }
            pods += page.items
            token = page.metadata.continue.flatMap { $0.isEmpty ? nil : $0 }
            if token == nil {
                guard let version = page.metadata.resourceVersion else {
                    throw .malformed(reason: "a list without a version")
                }
                return List(pods: pods, resourceVersion: version)
            }
        } while !deadline.isPast
        throw .gaveUp(reason: "the list was not read in time")
    }

    /// `nil` where the page is longer than what is read of one, and fewer pods may fit.
    private func page(of size: Int, _ token: String?, until deadline: Deadline) throws(APIError) -> PodPage? {
        var query = [("limit", "\(size)")]
        if let token { query.append(("continue", token)) }
        do throws(APIError) {
            return try PodPage.decode(try request("list", query, until: deadline).body)
        } catch {
            guard case .transport(.bodyTooLarge) = error, size > 1 else { throw error }
            return nil
        }
    }

    /// Sends a request once, and once more with a new credential where the server does not know the one it got.
    func request(
        _ verb: String, _ query: [(String, String)], until deadline: Deadline?,
        to sink: ((UnsafeRawBufferPointer) -> Bool)? = nil
    ) throws(APIError) -> HTTPResponse {
        for isSecond in [false, true] {
            let response = try sendOnce(query, until: deadline, isNewCredential: isSecond, to: sink)
            if response.isSuccess { return response }
            let error = APIError(
                response.status, APIStatus.decode(response.body), verb: verb, retryAfter: response.retryAfter)
            guard case .unauthorized = error, !isSecond else { throw error }
        }
        throw .unauthorized(message: "no message")
    }

    private func sendOnce(
        _ query: [(String, String)], until deadline: Deadline?, isNewCredential: Bool,
        to sink: ((UnsafeRawBufferPointer) -> Bool)?
    ) throws(APIError) -> HTTPResponse {
        let all = [("fieldSelector", "spec.nodeName=\(nodeName)")] + query
        let text = all.map { "\($0)=\(Self.encoded($1))" }.joined(separator: "&")
        var headers = [HTTPHeader("Accept", "application/json"), HTTPHeader("User-Agent", "breakoutd")]
        if let token = try credential.bearerToken(isNew: isNewCredential) {
            headers.append(HTTPHeader("Authorization", "Bearer \(token)"))
        }
        let total = deadline.map { max(Double($0.remainingMicroseconds) / 1e6, 0.001) }
        let request = HTTPRequest(
            .get, "\(server)/api/v1/pods?\(text)", headers: headers,
            timeouts: HTTPTimeouts(
                connect: min(10, total ?? 10), total: total, idle: sink == nil ? 30 : watchSilence),
            bodyLimit: Self.pageLimit)
        do throws(HTTPError) {
            return try send(request, sink)
        } catch {
            throw error == .cancelled ? .cancelled : .transport(error)
        }
    }

    /// Percent-encoded, but for what RFC 3986 leaves as it is.
    private static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension HTTPResponse {
    /// `Retry-After` in seconds; the other form, a date, is not used by API servers.
    fileprivate var retryAfter: Double? {
        header("Retry-After").flatMap(Double.init).flatMap { $0.isFinite && $0 >= 0 ? $0 : nil }
    }
}
