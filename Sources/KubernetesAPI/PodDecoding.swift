import FoundationEssentials
package import NodeModel

/// One page of a pod list (`v1.PodList`).
package struct PodPage: Sendable, Equatable, Decodable {
    package var metadata: ListMetadata
    package var items: [Pod]

    package struct ListMetadata: Sendable, Equatable, Decodable {
        package var resourceVersion: String?
        /// What to send for the next page; empty or `nil` on the last one.
        package var `continue`: String?
    }

    /// Decodes a response body.
    package static func decode(_ body: [UInt8]) throws(APIError) -> PodPage {
        try Decoding.decode(PodPage.self, from: Data(body))
    }
}

/// One line of a watch (`metav1.WatchEvent`).
package enum PodEvent: Sendable, Equatable {
    case changed(Pod)
    case deleted(Pod)
    /// Nothing changed up to this version.
    case bookmark(resourceVersion: String)

    /// Decodes a line; an `ERROR` event is thrown as what it says.
    package static func decode(_ line: some Sequence<UInt8>) throws(APIError) -> PodEvent {
        let data = Data(line)
        let type = try Decoding.decode(Envelope.self, from: data).type
        switch type {
        case "ADDED", "MODIFIED": return .changed(try Decoding.decode(Object<Pod>.self, from: data).object)
        case "DELETED": return .deleted(try Decoding.decode(Object<Pod>.self, from: data).object)
        case "BOOKMARK":
            guard let version = try Decoding.decode(Object<Pod>.self, from: data).object.metadata.resourceVersion else {
                throw .malformed(reason: "a bookmark without a version")
            }
            return .bookmark(resourceVersion: version)
        case "ERROR":
            let status = try Decoding.decode(Object<APIStatus>.self, from: data).object
            throw APIError(status.code ?? 500, status, verb: "watch", retryAfter: nil)
        default: throw .malformed(reason: "an event of an unknown type")
        }
    }

    private struct Envelope: Decodable { var type: String }
    private struct Object<Value: Decodable>: Decodable { var object: Value }
}

/// What the API says of a failure (`metav1.Status`).
struct APIStatus: Decodable {
    var message: String?
    var reason: String?
    var code: Int?

    /// The body of a failed request; what is no such object has no message.
    static func decode(_ body: [UInt8]) -> APIStatus {
        (try? JSONDecoder().decode(APIStatus.self, from: Data(body))) ?? APIStatus()
    }
}

extension APIError {
    /// What a status that is no success means.
    init(_ code: Int, _ status: APIStatus, verb: String, retryAfter: Double?) {
        let message = String((status.message ?? "no message").prefix(512))
        switch code {
        case 401: self = .unauthorized(message: message)
        case 403: self = .forbidden(verb: verb, message: message)
        case 410: self = .expired
        case 429, 500...599: self = .unavailable(status: code, retryAfter: retryAfter, message: message)
        default: self = .status(code, message: message)
        }
    }
}

private enum Decoding {
    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws(APIError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw .malformed(reason: reason(error))
        } catch {
            throw .malformed(reason: "no JSON")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
        @unknown default: return "not of the expected shape"
        }
    }
}
