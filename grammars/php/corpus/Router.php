<!DOCTYPE html>
<?php
declare(strict_types=1);

namespace App\Http;
//        ^ definition.namespace

use Psr\Log\LoggerInterface as Logger;
//          ^ reference.import
use App\{Model\User, Session};
//             ^ reference.import
//                   ^ reference.import
use function App\helpers\view;
//                       ^ reference.import

require_once __DIR__ . '/boot.php';
//                      ^ reference.import
include 'helpers.php';
//       ^ reference.import

const VERSION = '1.2', BUILD = 7;
//    ^ definition.constant public
//                     ^ definition.constant public
define('APP_DEBUG', true);
// <- reference.call
//      ^ definition.constant public
$router = new Router();
 // <- definition.variable public
//            ^ reference.call

/** Sends requests to whoever answers them. */
#[Service]
//^ reference.type
abstract class Router extends Base implements Handler, \Countable
//             ^ definition.class public doc="Sends requests to whoever answers them."
//                            ^ reference.inherit
//                                            ^ reference.inherit
//                                                      ^ reference.inherit
{
    use LogsRequests, Macros\Macroable;
//      ^ reference.inherit
//                           ^ reference.inherit

    public const LIMIT = 8;
//               ^ definition.constant in=App.Http.Router public
    private const GRÖSSE = 'größer';
//                ^ definition.constant in=App.Http.Router private
    public ?Session $session = null, $spare;
//          ^ reference.type
//                   ^ definition.property in=App.Http.Router public
//                                    ^ definition.property in=App.Http.Router public
    private static array $routes;
//                        ^ definition.property in=App.Http.Router private

    /** Makes a router. */
    public function __construct(private readonly Logger $log, int $limit = 3)
//                  ^ definition.constructor in=App.Http.Router public doc="Makes a router."
//                                               ^ reference.type
//                                                       ^ definition.property in=App.Http.Router private doc="Makes a router."
    {
        $this->session = new Session\Store($limit);
//             ^ reference.write
//                                   ^ reference.call
        self::$routes = [];
//             ^ reference.write
        parent::__construct();
//              ^ reference.call
    }

    abstract protected function boot(User|Guest $user): ?Response;
//                              ^ definition.method in=App.Http.Router protected
//                                   ^ reference.type
//                                        ^ reference.type
//                                                       ^ reference.type

    public static function constructor(): static { return static::make(Router::class); }
//                         ^ definition.method in=App.Http.Router public
//                                                                ^ reference.call
//                                                                     ^ reference.type

    private function toString(): string
//                   ^ definition.method in=App.Http.Router private
    {
        $next = function (int $n) { return $n; };
//                                           ^ !reference
        $this->log?->debug(sprintf('%s', $this->__toString()));
//                   ^ reference.call
//                         ^ reference.call
//                                              ^ reference.call
        return $next(1) instanceof Response ? \strlen('ключ') : Str::of('x')->lower();
//                                 ^ reference.type
//                                             ^ reference.call
//                                                              ^ reference.type
//                                                                   ^ reference.call
//                                                                            ^ reference.call
    }

    function __toString() { return ''; }
//           ^ definition.method in=App.Http.Router public
}

interface Handler extends Runnable
//        ^ definition.interface public
//                        ^ reference.inherit
{
    const FIRST = 1;
//        ^ definition.constant in=App.Http.Handler public
    public function handle(Request $request);
//                  ^ definition.method in=App.Http.Handler public
//                         ^ reference.type
}

trait LogsRequests
//    ^ definition.trait public
{
    protected $lines = [];
//             ^ definition.property in=App.Http.LogsRequests protected
    public function __proto__() { global $router; }
//                  ^ definition.method in=App.Http.LogsRequests public
}

enum Method: string implements HasLabel
//   ^ definition.enum public
//                             ^ reference.inherit
{
    case Get = 'GET';
//       ^ definition.enum_member in=App.Http.Method
    case Post = 'POST';
//       ^ definition.enum_member in=App.Http.Method
    const DEFAULT = self::Get;
//        ^ definition.constant in=App.Http.Method public

    public function label(): string { return ucfirst($this->value); }
//                  ^ definition.method in=App.Http.Method public
//                                           ^ reference.call
}

function &route(string $path): Route { return Route::find($path); }
//        ^ definition.function public
//                             ^ reference.type
//                                            ^ reference.type
//                                                   ^ reference.call

if (!function_exists('überall')) {
//   ^ reference.call
    function überall() {}
//           ^ definition.function public
}

$anonymous = new class extends Router {
 // <- definition.variable public
//                             ^ reference.inherit
    public function inner() {}
//                  ^ definition.method public
};
