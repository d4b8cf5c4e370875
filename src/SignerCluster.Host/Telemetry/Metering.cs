using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using SignerCluster.Host.Http;

namespace SignerCluster.Host.Telemetry;

/// <summary>
/// Collects this process's instruments from its first moment on, for whoever scrapes <c>/metrics</c> and, where OpenTelemetry's own variables name one, for a
/// collector. Belongs to a long-running verb; without it the instruments cost next to nothing.
/// </summary>
internal sealed class Metering : IDisposable
{
    private static readonly string[] _collectors = ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
    private NodeGauges? _gauges;

    private Metering(MeterProvider provider) => Provider = provider;

    internal MeterProvider Provider { get; }

    /// <summary>Throws <see cref="HttpSettingsException"/> with <c>otlp_endpoint_invalid</c> when a variable names no place to send to.</summary>
    internal static Metering Start(Func<string, string?> environment)
    {
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(static resource => resource.AddService("signer"))
            .AddMeter("SignerCluster.*", "System.Runtime")
            .AddPrometheusExporter();
        foreach (string variable in _collectors)
        {
            if (environment(variable) is { Length: > 0 } place)
            {
                Require(variable, place);
                return new Metering(builder.AddOtlpExporter().Build());
            }
        }

        return new Metering(builder.Build());
    }

    /// <summary>Shows from now on what a node holds, too.</summary>
    internal void Watch(ServedNode served)
    {
        _gauges?.Dispose();
        _gauges = new NodeGauges(served);
    }

    /// <summary>Sends a collector the last figures and ends.</summary>
    public void Dispose()
    {
        Provider.Dispose();
        _gauges?.Dispose();
    }

    private static void Require(string variable, string place)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out Uri? address) || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
        {
            throw new HttpSettingsException("otlp_endpoint_invalid", $"{variable} is no address of a collector. Write http://HOST:4317 or https://HOST:4317.");
        }
    }
}
