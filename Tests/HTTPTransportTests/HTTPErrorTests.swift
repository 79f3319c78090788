import Testing

@testable import HTTPTransport

@Suite struct HTTPErrorTests {
    static let codes: [(code: Int32, text: String, error: HTTPError)] = [
        (3, "", .malformedURL), (81, "", .other(code: 81, reason: "Socket not ready for send/recv")),
        (1, "x", .malformedURL), (5, "x", .resolve(reason: "x")),
        (6, "x", .resolve(reason: "x")), (7, "x", .connect(reason: "x")), (28, "x", .timedOut),
        (35, "x", .tls(reason: "x")), (51, "x", .tls(reason: "x")), (60, "x", .tls(reason: "x")),
        (77, "x", .tls(reason: "x")), (52, "x", .interrupted(reason: "x")), (18, "x", .interrupted(reason: "x")),
        (56, "reset", .interrupted(reason: "reset")),
        (56, "tlsv13 alert certificate required", .tls(reason: "tlsv13 alert certificate required")),
        (61, "x", .malformedResponse(reason: "x")), (27, "x", .other(code: 27, reason: "x")),
    ]

    @Test(arguments: codes)
    func errorOfCode(code: Int32, text: String, error: HTTPError) throws {
        // The words of a code are libcurl's, which is loaded with the first client, as it is wherever there is an error.
        _ = try HTTPClient()
        #expect(HTTPError(code: code, text: text) == error)
    }
}
