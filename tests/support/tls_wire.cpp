// SPDX-FileCopyrightText: gst-plugins-onair contributors
// SPDX-License-Identifier: LGPL-2.1-or-later
#include "tests/support/tls_wire.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace onair::test {

namespace {

template <class T, void (*free_it)(T*)>
struct Free {
    void operator()(T* what) const noexcept { free_it(what); }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509, X509_free>>;
struct BioFree {
    void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

void must(bool good) {
    if (!good) throw std::runtime_error("OpenSSL failed in a test");
}

Bio reading(const std::string& pem) { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }
Key key_of(const Identity& identity) {
    return Key(PEM_read_bio_PrivateKey(reading(identity.key).get(), nullptr, nullptr, nullptr));
}
Certificate certificate_of(const Identity& identity) {
    return Certificate(PEM_read_bio_X509(reading(identity.certificate).get(), nullptr, nullptr, nullptr));
}

template <class Write>
std::string pem(Write write) {
    const Bio bio(BIO_new(BIO_s_mem()));
    must(write(bio.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<size_t>(size)};
}

void extend(X509* certificate, X509* issuer, int what, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    must(extension && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

} // namespace

Identity make_certificate(const Claims& claims, const Identity* issuer) {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate own(X509_new());
    must(key && own);
    uint32_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(own.get()), serial | 1u);
    X509_set_version(own.get(), X509_VERSION_3);
    X509_set_pubkey(own.get(), key.get());
    constexpr long day = 24L * 3600;
    X509_gmtime_adj(X509_getm_notBefore(own.get()), claims.from_days * day);
    X509_gmtime_adj(X509_getm_notAfter(own.get()), claims.to_days * day);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(own.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(claims.name.c_str()), -1, -1, 0);
    const Certificate signer = issuer ? certificate_of(*issuer) : nullptr;
    X509* by = signer ? signer.get() : own.get();
    X509_set_issuer_name(own.get(), X509_get_subject_name(by));
    extend(own.get(), by, NID_basic_constraints, claims.authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (!claims.authority) extend(own.get(), by, NID_subject_alt_name, claims.name);
    const Key signing = issuer ? key_of(*issuer) : nullptr;
    must(X509_sign(own.get(), signing ? signing.get() : key.get(), EVP_sha256()) > 0);
    return {pem([&](BIO* bio) { return PEM_write_bio_X509(bio, own.get()); }), pem([&](BIO* bio) {
                return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

TlsServer::TlsServer(const Identity& identity, int newest)
    : context_(SSL_CTX_new(TLS_server_method()), [](SSL_CTX* context) { SSL_CTX_free(context); }) {
    must(context_ != nullptr);
    signal(SIGPIPE, SIG_IGN);                      // OpenSSL writes without MSG_NOSIGNAL
    SSL_CTX_set_security_level(context_.get(), 0); // or the old versions are not there at all
    SSL_CTX_set_min_proto_version(context_.get(), 0);
    SSL_CTX_set_max_proto_version(context_.get(), newest);
    must(SSL_CTX_use_certificate(context_.get(), certificate_of(identity).get()) == 1);
    must(SSL_CTX_use_PrivateKey(context_.get(), key_of(identity).get()) == 1);
}

Wire::Wire(int socket, const TlsServer* tls)
    : socket_(socket), ready_(!tls), ssl_(tls ? SSL_new(tls->context_.get()) : nullptr, SSL_free) {
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval moment{0, 20'000}; // so that a stop is seen
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &moment, sizeof moment);
    if (ssl_) SSL_set_fd(ssl_.get(), socket);
}

Wire::~Wire() {
    ssl_.reset();
    close(socket_);
}

void Wire::wait_for_end(const std::atomic<bool>& stopping) {
    pollfd wait{socket_, POLLRDHUP, 0};
    while (!stopping && poll(&wait, 1, 20) == 0) {
    }
}

void Wire::reset() {
    const linger hard{1, 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

bool Wire::shake_hands(const std::atomic<bool>& stopping) {
    while (!ready_ && !stopping) {
        const int result = SSL_accept(ssl_.get());
        ready_ = result == 1;
        if (!ready_ && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) return false;
    }
    return ready_;
}

bool Wire::receive(std::string& text, const std::atomic<bool>& stopping) {
    if (!ready_ && !shake_hands(stopping)) return false;
    std::array<char, 65536> buffer;
    while (!stopping) {
        ssize_t n;
        bool later;
        if (ssl_) {
            n = SSL_read(ssl_.get(), buffer.data(), static_cast<int>(buffer.size()));
            later = n <= 0 && SSL_get_error(ssl_.get(), static_cast<int>(n)) == SSL_ERROR_WANT_READ;
        } else {
            n = recv(socket_, buffer.data(), buffer.size(), 0);
            later = n < 0 && (errno == EAGAIN || errno == EINTR);
        }
        if (later) continue;
        if (n <= 0) return false;
        text.append(buffer.data(), static_cast<size_t>(n));
        return true;
    }
    return false;
}

bool Wire::send(const char* data, size_t size) {
    while (size > 0) {
        const ssize_t n =
            ssl_ ? SSL_write(ssl_.get(), data, static_cast<int>(size)) : ::send(socket_, data, size, MSG_NOSIGNAL);
        if (n <= 0) return false;
        data += n;
        size -= static_cast<size_t>(n);
    }
    return true;
}

} // namespace onair::test
