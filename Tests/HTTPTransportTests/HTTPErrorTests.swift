import Testing

@testable import HTTPTransport

@Suite struct HTTPErrorTests {
    @Test(arguments: [
        (HTTPError.resolve(reason: ""), true), (.connect(reason: ""), true), (.timedOut, true), (.stalled, true),
        (.interrupted(reason: ""), true), (.tls(reason: ""), false), (.malformedURL, false), (.cancelled, false),
        (.bodyTooLarge(limit: 1), false), (.other(code: 1, reason: ""), false),
    ])
    func onlyNetworkFailuresAreTransient(error: HTTPError, isTransient: Bool) {
        #expect(error.isTransient == isTransient)
    }

    @Test func aMissingLibraryIsNamed() throws {
        guard case .failure(.libraryMissing(let reason)) = HTTPClient.load("libnothing.so.0") else {
            Issue.record("loaded")
            return
        }
        #expect(reason.hasPrefix("libnothing.so.0: cannot open"))
    }
}
