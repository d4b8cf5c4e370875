using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using SignerCluster.Journal.Postgres;

namespace SignerCluster.Postgres.Tests;

/// <summary>
/// A server of a test's own, which it may kill: Debian's programs over a folder below the temporary one. They refuse to run as root and then run as postgres.
/// </summary>
internal sealed class PrivateServer : IAsyncDisposable
{
    private readonly string _folder;
    private readonly string _programs;
    private readonly string _options;

    private PrivateServer(string folder, string programs, int port, string options)
    {
        _folder = folder;
        _options = options;
        _programs = programs;
        Port = port;
    }

    public int Port { get; }

    public PostgresSettings Settings => new() { Host = "127.0.0.1", Port = Port, Database = "postgres", User = "signer", UsesTls = false };

    private string DataFolder => Path.Combine(_folder, "data");

    /// <param name="certificate">With its key, for a server that speaks TLS; null for one that does not.</param>
    public static async Task<PrivateServer> StartAsync(X509Certificate2? certificate = null)
    {
        string programs = Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal)
            .Select(static version => Path.Combine(version, "bin")).First();
        string folder = Directory.CreateTempSubdirectory("signer-postgres-").FullName;
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "postgres", folder);
        string options = certificate is null ? string.Empty : await KeepAsync(certificate, folder);
        var server = new PrivateServer(folder, programs, FreePort(), options);
        await server.RunProgramAsync("initdb", "-D", server.DataFolder, "-A", "trust", "-U", "signer", "--no-sync", "--locale=C", "-E", "UTF8");
        await server.RunAgainAsync();
        return server;
    }

    /// <summary>Starts it, at first and after it was killed; it refuses while processes of the one before are still there.</summary>
    public async Task RunAgainAsync()
    {
        string options = string.Create(CultureInfo.InvariantCulture, $"-p {Port} -k {_folder} -c listen_addresses=127.0.0.1{_options}");
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await RunProgramAsync("pg_ctl", "-D", DataFolder, "-l", Path.Combine(_folder, "log"), "-o", options, "-w", "-t", "60", "start");
                return;
            }
            catch (InvalidOperationException) when (attempt < 20)
            {
                // The one before is still dying.
            }
        }
    }

    /// <summary>Kills it and starts it again as a standby, which reads and takes no writes.</summary>
    public async Task BecomeStandbyAsync()
    {
        Kill();
        await File.WriteAllTextAsync(Path.Combine(DataFolder, "standby.signal"), string.Empty);
        await RunAgainAsync();
    }

    /// <summary>Kills the postmaster with signal 9; its children end when they notice.</summary>
    public void Kill()
    {
        int pid = int.Parse(File.ReadLines(Path.Combine(DataFolder, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        using Process postmaster = Process.GetProcessById(pid);
        postmaster.Kill();
        postmaster.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        await RunProgramAsync("pg_ctl", "-D", DataFolder, "-m", "immediate", "-w", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Shows another certificate from the next connection on.</summary>
    public async Task ShowAsync(X509Certificate2 certificate)
    {
        await KeepAsync(certificate, _folder);
        await RunProgramAsync("pg_ctl", "-D", DataFolder, "reload");
    }

    private static async Task<string> KeepAsync(X509Certificate2 certificate, string folder)
    {
        (string shown, string secret) = (Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(shown, certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(secret, key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "postgres", shown, secret);
        return $" -c ssl=on -c ssl_cert_file={shown} -c ssl_key_file={secret} -c ssl_min_protocol_version=TLSv1.3";
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task RunProgramAsync(string program, params string[] arguments)
    {
        string path = Path.Combine(_programs, program);
        return Environment.IsPrivilegedProcess
            ? RunAsync("setpriv", ["--reuid", "postgres", "--regid", "postgres", "--clear-groups", path, .. arguments])
            : RunAsync(path, arguments);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // Not redirected: the server inherits what pg_ctl has, and a pipe would stay open for as long as it lives.
        using Process process = Process.Start(
            new ProcessStartInfo("sh", ["-c", "exec \"$@\" >/dev/null 2>&1 </dev/null", "sh", program, .. arguments]) { WorkingDirectory = "/" })!;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed with {process.ExitCode}.");
    }
}
