#include "CCurl.h"

#include <dlfcn.h>

// The calls below go through pointers, and CURLOPT_PROTOCOLS is what libcurl 7.61 has.
#define CURL_DISABLE_TYPECHECK
#define CURL_DISABLE_DEPRECATION
#include <curl/curl.h>

static struct {
    CURLcode (*global_init)(long);
    CURL *(*easy_init)(void);
    void (*easy_reset)(CURL *);
    void (*easy_cleanup)(CURL *);
    CURLcode (*easy_setopt)(CURL *, CURLoption, ...);
    CURLcode (*easy_perform)(CURL *);
    const char *(*easy_strerror)(CURLcode);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
} curl;

const char *curl_load(const char *library) {
    static const struct {
        const char *name;
        void *pointer;
    } symbols[] = {
        {"curl_global_init", &curl.global_init},
        {"curl_easy_init", &curl.easy_init},
        {"curl_easy_reset", &curl.easy_reset},
        {"curl_easy_cleanup", &curl.easy_cleanup},
        {"curl_easy_setopt", &curl.easy_setopt},
        {"curl_easy_perform", &curl.easy_perform},
        {"curl_easy_strerror", &curl.easy_strerror},
        {"curl_slist_append", &curl.slist_append},
        {"curl_slist_free_all", &curl.slist_free_all},
    };
    // Never closed again: libcurl starts things that outlive every handle (curl_global_cleanup(3)).
    void *loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!loaded) return dlerror();
    for (size_t index = 0; index < sizeof symbols / sizeof symbols[0]; index++) {
        void *symbol = dlsym(loaded, symbols[index].name);
        if (!symbol) return dlerror();
        *(void **)symbols[index].pointer = symbol;
    }
    CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
    return code == CURLE_OK ? NULL : curl.easy_strerror(code);
}

void *curl_handle_create(void) { return curl.easy_init(); }
void curl_handle_reset(void *handle) { curl.easy_reset(handle); }
void curl_handle_destroy(void *handle) { curl.easy_cleanup(handle); }

int curl_set_number(void *handle, int option, long number) {
    return (int)curl.easy_setopt(handle, (CURLoption)option, number);
}

int curl_set_size(void *handle, int option, int64_t size) {
    return (int)curl.easy_setopt(handle, (CURLoption)option, (curl_off_t)size);
}

int curl_set_text(void *handle, int option, const char *text) {
    return (int)curl.easy_setopt(handle, (CURLoption)option, text);
}

int curl_set_pointer(void *handle, int option, void *pointer) {
    return (int)curl.easy_setopt(handle, (CURLoption)option, pointer);
}

int curl_set_functions(
    void *handle, curl_data_function header, curl_data_function body, curl_progress_function progress) {
    CURLcode code = curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, header);
    if (code == CURLE_OK) code = curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, body);
    if (code == CURLE_OK) code = curl.easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, progress);
    return (int)code;
}

int curl_run(void *handle) { return (int)curl.easy_perform(handle); }

const char *curl_code_text(int code) { return curl.easy_strerror((CURLcode)code); }

void *curl_list_append(void *list, const char *text) { return curl.slist_append(list, text); }
void curl_list_destroy(void *list) { curl.slist_free_all(list); }

#define SAME(own, theirs) _Static_assert((long)(own) == (long)(theirs), #own)

SAME(CURL_OPTION_WRITE_CONTEXT, CURLOPT_WRITEDATA);
SAME(CURL_OPTION_URL, CURLOPT_URL);
SAME(CURL_OPTION_PROXY, CURLOPT_PROXY);
SAME(CURL_OPTION_ERROR_BUFFER, CURLOPT_ERRORBUFFER);
SAME(CURL_OPTION_HEADERS, CURLOPT_HTTPHEADER);
SAME(CURL_OPTION_CLIENT_CERTIFICATE, CURLOPT_SSLCERT);
SAME(CURL_OPTION_HEADER_CONTEXT, CURLOPT_HEADERDATA);
SAME(CURL_OPTION_SSL_VERSION, CURLOPT_SSLVERSION);
SAME(CURL_OPTION_METHOD, CURLOPT_CUSTOMREQUEST);
SAME(CURL_OPTION_NO_PROGRESS, CURLOPT_NOPROGRESS);
SAME(CURL_OPTION_FOLLOW_LOCATION, CURLOPT_FOLLOWLOCATION);
SAME(CURL_OPTION_PROGRESS_CONTEXT, CURLOPT_XFERINFODATA);
SAME(CURL_OPTION_VERIFY_PEER, CURLOPT_SSL_VERIFYPEER);
SAME(CURL_OPTION_CA_FILE, CURLOPT_CAINFO);
SAME(CURL_OPTION_HTTP_GET, CURLOPT_HTTPGET);
SAME(CURL_OPTION_VERIFY_HOST, CURLOPT_SSL_VERIFYHOST);
SAME(CURL_OPTION_HTTP_VERSION, CURLOPT_HTTP_VERSION);
SAME(CURL_OPTION_CLIENT_KEY, CURLOPT_SSLKEY);
SAME(CURL_OPTION_CA_DIRECTORY, CURLOPT_CAPATH);
SAME(CURL_OPTION_NO_SIGNAL, CURLOPT_NOSIGNAL);
SAME(CURL_OPTION_ACCEPT_ENCODING, CURLOPT_ACCEPT_ENCODING);
SAME(CURL_OPTION_TIMEOUT_MILLISECONDS, CURLOPT_TIMEOUT_MS);
SAME(CURL_OPTION_CONNECT_TIMEOUT_MILLISECONDS, CURLOPT_CONNECTTIMEOUT_MS);
SAME(CURL_OPTION_COPIED_POST_FIELDS, CURLOPT_COPYPOSTFIELDS);
SAME(CURL_OPTION_PROTOCOLS, CURLOPT_PROTOCOLS);
SAME(CURL_OPTION_PATH_AS_IS, CURLOPT_PATH_AS_IS);
SAME(CURL_OPTION_PROXY_SSL_VERSION, CURLOPT_PROXY_SSLVERSION);
SAME(CURL_OPTION_SUPPRESS_CONNECT_HEADERS, CURLOPT_SUPPRESS_CONNECT_HEADERS);
SAME(CURL_OPTION_POST_FIELD_SIZE, CURLOPT_POSTFIELDSIZE_LARGE);

SAME(CURL_PROTOCOLS_HTTP_AND_HTTPS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
SAME(CURL_SSL_VERSION_TLS_1_2, CURL_SSLVERSION_TLSv1_2);
SAME(CURL_HTTP_1_1, CURL_HTTP_VERSION_1_1);

SAME(CURL_CODE_OK, CURLE_OK);
SAME(CURL_CODE_UNSUPPORTED_PROTOCOL, CURLE_UNSUPPORTED_PROTOCOL);
SAME(CURL_CODE_MALFORMED_URL, CURLE_URL_MALFORMAT);
SAME(CURL_CODE_PROXY_NOT_RESOLVED, CURLE_COULDNT_RESOLVE_PROXY);
SAME(CURL_CODE_HOST_NOT_RESOLVED, CURLE_COULDNT_RESOLVE_HOST);
SAME(CURL_CODE_NOT_CONNECTED, CURLE_COULDNT_CONNECT);
SAME(CURL_CODE_WEIRD_REPLY, CURLE_WEIRD_SERVER_REPLY);
SAME(CURL_CODE_PARTIAL_FILE, CURLE_PARTIAL_FILE);
SAME(CURL_CODE_TIMED_OUT, CURLE_OPERATION_TIMEDOUT);
SAME(CURL_CODE_TLS_HANDSHAKE, CURLE_SSL_CONNECT_ERROR);
SAME(CURL_CODE_GOT_NOTHING, CURLE_GOT_NOTHING);
SAME(CURL_CODE_SEND_FAILED, CURLE_SEND_ERROR);
SAME(CURL_CODE_RECEIVE_FAILED, CURLE_RECV_ERROR);
SAME(CURL_CODE_CLIENT_CERTIFICATE, CURLE_SSL_CERTPROBLEM);
SAME(CURL_CODE_CIPHER, CURLE_SSL_CIPHER);
SAME(CURL_CODE_PEER_NOT_VERIFIED, CURLE_SSL_CACERT);
SAME(CURL_CODE_BAD_CONTENT_ENCODING, CURLE_BAD_CONTENT_ENCODING);
SAME(CURL_CODE_CA_FILE, CURLE_SSL_CACERT_BADFILE);
SAME(CURL_CODE_ISSUER, CURLE_SSL_ISSUER_ERROR);

SAME(CURL_ERROR_BUFFER_SIZE, CURL_ERROR_SIZE);
