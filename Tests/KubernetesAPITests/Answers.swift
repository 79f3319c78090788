import Foundation
import NodeModel
import Synchronization

@testable import HTTPTransport
@testable import KubernetesAPI

/// Plays the API server: each request takes the next of the prepared answers, and is kept.
final class Answers: Sendable {
    /// What one request gets.
    enum Answer: Sendable {
        case response(Int, String, headers: [HTTPHeader] = [])
        /// A watch: its beginning, these chunks, then the end of the connection.
        case chunks([String])
        case failure(HTTPError)
    }

    private let state: Mutex<(answers: [Answer], requests: [HTTPRequest], waits: [Double])>

    init(_ answers: [Answer]) { state = Mutex((answers, [], [])) }

    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    var waits: [Double] { state.withLock { $0.waits } }
    var isDone: Bool { state.withLock { $0.answers.isEmpty } }

    /// The queries of the requests, without the selector that each of them has.
    var queries: [String] {
        requests.map { request in
            let query = request.url.split(separator: "?", maxSplits: 1).last ?? ""
            return query.split(separator: "&").filter { $0 != "fieldSelector=spec.nodeName%3Dnode-1" }
                .joined(separator: "&")
        }
    }

    func send(
        _ request: HTTPRequest, _ sink: ((UnsafeRawBufferPointer) -> Bool)?
    ) throws(HTTPError) -> HTTPResponse {
        let answer = state.withLock { state -> Answer? in
            state.requests.append(request)
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
        }
        switch answer {
        case .response(let status, let body, let headers):
            return HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
        case .chunks(let chunks):
            for chunk in [""] + chunks {
                let goesOn = Array(chunk.utf8).withUnsafeBytes { sink?($0) ?? false }
                if !goesOn { break }
            }
            return HTTPResponse(status: 200, headers: [], body: [])
        case .failure(let error): throw error
        case nil: throw .cancelled
        }
    }

    /// A client of this server that waits for nothing.
    func client(credential: any APICredential = StaticToken("secret")) -> PodClient {
        let retry = Retry(
            first: 1, longest: 8, wait: { seconds in self.state.withLock { $0.waits.append(seconds) } }, random: { 0.5 }
        )
        return PodClient(
            server: "https://api.example/", nodeName: "node-1", credential: credential, retry: retry,
            send: { request, sink throws(HTTPError) in try self.send(request, sink) })
    }
}

/// A page of a list as the server writes it.
func page(_ names: [String], version: String = "10", continue token: String? = nil) -> String {
    let items = names.map { #"{"metadata":{"name":"\#($0)","namespace":"n","uid":"uid-\#($0)"},"spec":{}}"# }
    let more = token.map { #","continue":"\#($0)""# } ?? ""
    return #"{"metadata":{"resourceVersion":"\#(version)"\#(more)},"items":[\#(items.joined(separator: ","))]}"#
}

/// A line of a watch.
func event(_ type: String, _ name: String, version: String) -> String {
    #"{"type":"\#(type)","object":{"metadata":{"name":"\#(name)","namespace":"n","uid":"uid-\#(name)","resourceVersion":"\#(version)"},"spec":{}}}"#
        + "\n"
}

func status(_ code: Int, _ message: String) -> String {
    #"{"kind":"Status","code":\#(code),"message":"\#(message)"}"#
}
